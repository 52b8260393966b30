"""Small catalogues and data files for the tests of `sources`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import feather
from pyarrow import parquet as pq

from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Catalogue, Column, Customers, Format, Table
from segrules.sources.loaded import Loaded
from segrules.sources.read import read_tables
from segrules.types.cells import Cell
from segrules.types.types import IntegerType, Type

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


def column(name: str, of: Type, **more: Any) -> Column:
    return Column(name, of, more.pop("physical", name), **more)


def table(path: str, *columns: Column, kind: Format = Format.PARQUET, **more: Any) -> Table:
    return Table(more.pop("name", "t"), path, kind, {each.name: each for each in columns}, **more)


def catalogue(*tables: Table, zone: str = "Europe/London", customers: str | None = None) -> Catalogue:
    by_name = {each.name: each for each in tables}
    return Catalogue("catalog.yaml", zone, by_name, Customers(column("id", IntegerType()), {}, customers))


def load(root: Path, *tables: Table, zone: str = "Europe/London", as_of: datetime = AS_OF) -> Loaded:
    return read_tables(catalogue(*tables, zone=zone), root, as_of, {})


def write(root: Path, columns: Mapping[str, Any], name: str = "t.parquet") -> str:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path)
    return name


def read_column(root: Path, values: Any, of: Type, *, kind: Format = Format.PARQUET, **more: Any) -> Loaded:
    """What reading a file with the one column `x` gives; Arrow files hold types that Parquet has no room for."""
    zone = more.pop("catalogue_zone", "Europe/London")
    if kind is Format.ARROW:
        feather.write_feather(pa.table({"x": values}), root / "t", compression="uncompressed")
    else:
        write(root, {"x": values}, "t")
    return load(root, table("t", column("x", of, **more), kind=kind), zone=zone)


def read_csv(root: Path, text: str | bytes, *columns: Column, **more: Any) -> Loaded:
    (root / "t.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return load(root, table("t.csv", *columns, kind=Format.CSV, **more))


def cells_of(loaded: Loaded, name: str = "x") -> list[Cell]:
    assert loaded.findings == ()
    return loaded.tables["t"][name]


def only(loaded: Loaded) -> Finding:
    assert len(loaded.findings) == 1, loaded.findings
    assert loaded.tables == {} or not loaded.findings
    return loaded.findings[0]
