"""What the figures were measured on: processor, memory, system and versions."""

import os
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

PACKAGES = ("segrules", "pyarrow", "numpy", "polars", "duckdb", "pandas")


def machine() -> list[tuple[str, str]]:
    """Pairs of what and which."""
    return [
        ("processor", _from_proc("cpuinfo", "model name") or platform.processor() or platform.machine()),
        ("cores", str(os.cpu_count())),
        ("memory", _memory()),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("Python", platform.python_version()),
        *((name, version) for name, version in _versions()),
    ]


def load() -> float | None:
    """How many processes wanted to run in the last minute, where the system says so."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            yield name, "not installed"


def _memory() -> str:
    total = _from_proc("meminfo", "MemTotal")
    return f"{int(total.split()[0]) / 1024**2:,.0f} GiB" if total else "not known"


def _from_proc(file: str, key: str) -> str:
    path = Path("/proc") / file
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    return ""
