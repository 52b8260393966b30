"""Where a table lies: an address from the catalogue or the command line into a filesystem and its files."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pyarrow as pa
from pyarrow import fs

from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Format
from segrules.sources.seen import Seen
from segrules.sources.unreadable import Unreadable, first_line

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_REMOTE = ("s3", "gs", "gcs", "abfs", "abfss")
_SECRET = frozenset({"access_key", "secret_key", "session_token", "client_secret", "sig", "sv", "password", "token"})
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_ENDINGS = {
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".arrow": Format.ARROW,
    ".arrows": Format.ARROW,
    ".feather": Format.ARROW,
    ".ipc": Format.ARROW,
}


@dataclass(frozen=True, slots=True)
class File:
    """One file of a table: as people see it, as the filesystem names it, and what its folders say.

    `relative` is its name inside the table's folder (its own name for a single file), with forward slashes.
    `partitions` holds the names and values of `name=value` folders; a value is None for Hive's mark of null.
    """

    shown: str
    path: str
    relative: str
    partitions: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A filesystem and the files of one table in it, sorted by relative name; `seen` knows those that were opened."""

    filesystem: fs.FileSystem
    files: tuple[File, ...]
    folder: bool
    seen: Seen = field(default_factory=Seen)


def format_of(address: str) -> Format | None:
    """The format that the ending of an address stands for, or None.

    >>> format_of("data/customers.CSV")
    <Format.CSV: 'csv'>
    """
    return _ENDINGS.get(Path(address).suffix.casefold())


def find(address: str, base: Path, *, hive: bool) -> Place:
    """The files at `address`: a local path (relative to `base`, or absolute) or `s3://`, `gs://`, `abfs://`.

    A folder is searched to its depth; names that start with `_` or `.` are passed over, as every engine does.
    Credentials for remote addresses come from the environment only.

    Raises:
        Unreadable: there is nothing, the folder is empty, or the address cannot be opened.
    """
    if not address:
        raise Unreadable("the path is empty", "name a file or a folder")
    try:
        if _ADDRESS.match(address):
            filesystem, root = _remote(address)
            return _listed(filesystem, root.rstrip("/"), address, hive=hive, near=None)
        local = Path(base, address)
        return _listed(fs.LocalFileSystem(), local.as_posix(), address, hive=hive, near=local)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise Unreadable(f"`{address}` cannot be opened: {first_line(error)}") from None


def _remote(address: str) -> tuple[fs.FileSystem, str]:
    parts = urlsplit(address)
    scheme = parts.scheme.casefold()
    if _holds_credentials(scheme, parts.netloc, parts.query):
        # The address itself is not repeated: it would carry the secret into logs.
        raise Unreadable(
            "the address holds credentials",
            "take them out and give them in the environment, for example `AWS_ACCESS_KEY_ID` and "
            "`AWS_SECRET_ACCESS_KEY`",
        )
    if scheme not in _REMOTE:
        raise Unreadable(
            f"addresses with `{scheme}://` cannot be read", "use a local path, or `s3://`, `gs://` or `abfs://`"
        )
    return _from_address(address)


def _from_address(address: str) -> tuple[fs.FileSystem, str]:
    filesystem, path = fs.FileSystem.from_uri(address)
    return filesystem, path


def _holds_credentials(scheme: str, host: str, query: str) -> bool:
    user, at, _ = host.rpartition("@")
    # Azure names the container before the `@`, and Google's public buckets are read as `anonymous@`.
    harmless = not at or (":" not in user and (scheme in ("abfs", "abfss") or user == "anonymous"))
    return not harmless or any(name.casefold() in _SECRET for name, _ in parse_qsl(query, keep_blank_values=True))


def _listed(filesystem: fs.FileSystem, root: str, shown: str, *, hive: bool, near: Path | None) -> Place:
    info = filesystem.get_file_info(root)
    match info.type:
        case fs.FileType.File:
            return Place(filesystem, (File(shown, root, root.rpartition("/")[2]),), folder=False)
        case fs.FileType.Directory:
            if near is None:
                found = filesystem.get_file_info(fs.FileSelector(root, recursive=True))
                names = [item.path[len(root) :].lstrip("/") for item in found if item.type is fs.FileType.File]
            else:
                names = list(_walked(near, "", shown.rstrip("/"), (near.resolve(),)))
            visible = sorted(name for name in names if not _hidden(name))
            if not visible:
                raise Unreadable(f"the folder `{shown}` holds no files")
            files = tuple(
                File(f"{shown.rstrip('/')}/{name}", f"{root}/{name}", name, _partitions(name) if hive else ())
                for name in visible
            )
            _refuse_uneven(files)
            return Place(filesystem, files, folder=True)
        case _:
            raise Unreadable(f"`{shown}` does not exist", _instead(near))


def _walked(root: Path, folder: str, shown: str, around: tuple[Path, ...]) -> Iterator[str]:
    """The files in a local folder by their names in it, those that links lead to as well.

    Arrow itself passes over links to nothing without a word, and follows a link to a folder around it some forty times.
    """
    for entry in (root / folder).iterdir():
        relative = f"{folder}{entry.name}"
        if _hidden(relative):
            continue
        if entry.is_dir():
            real = entry.resolve() if entry.is_symlink() else around[-1] / entry.name
            if real in around:
                raise Unreadable(
                    f"`{shown}/{relative}` is a link to a folder around it", "remove the link, or name the files"
                )
            yield from _walked(root, f"{relative}/", shown, (*around, real))
        elif entry.is_file():
            yield relative
        elif entry.is_symlink():
            raise Unreadable(
                f"`{shown}/{relative}` is a link to a file that is not there",
                "remove the link, or bring back what it leads to",
            )


def _hidden(relative: str) -> bool:
    return any(part.startswith(("_", ".")) and "=" not in part for part in relative.split("/"))


def _partitions(relative: str) -> tuple[tuple[str, str | None], ...]:
    """The `name=value` folders in a relative name, from the outermost.

    >>> _partitions("year=2011/country=United%20Kingdom/part-0.parquet")
    (('year', '2011'), ('country', 'United Kingdom'))
    """
    folders = [part.partition("=") for part in relative.split("/")[:-1]]
    return tuple(
        (unquote(name), None if value == _NULL_PARTITION else unquote(value))
        for name, equals, value in folders
        if equals
    )


def _refuse_uneven(files: Iterable[File]) -> None:
    by_names: dict[tuple[str, ...], list[File]] = {}
    for file in files:
        by_names.setdefault(tuple(name for name, _ in file.partitions), []).append(file)
    if len(by_names) > 1:
        raise Unreadable(
            "the files do not all lie in the same Hive partitions",
            "give every file the same `name=value` folders in the same order",
            tuple(f"`{some[0].shown}`" for some in list(by_names.values())[:5]),
        )


def _instead(near: Path | None) -> str | None:
    if near is None:
        return None
    if not near.parent.is_dir():
        return f"there is no folder `{near.parent.as_posix()}`"
    siblings = (path.name for path in near.parent.iterdir())
    return did_you_mean(near.name, siblings) or f"the file was looked for in `{near.parent.as_posix()}`"
