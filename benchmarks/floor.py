"""The physical floor: reading every byte of the needed columns once, on all threads, and doing nothing with them."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PIECE = 1 << 20


def read_once(table: pa.Table, columns: list[str]) -> None:
    """Sums the columns' buffers as 64-bit words."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for _ in threads.map(np.add.reduce, _pieces(table, columns)):
            pass


def _pieces(table: pa.Table, columns: list[str]) -> Iterator[object]:
    for name in columns:
        for chunk in table[name].chunks:
            for buffer in chunk.buffers():
                if buffer is not None:
                    words = np.frombuffer(buffer, np.uint64, buffer.size // 8)
                    yield from (words[start : start + PIECE] for start in range(0, len(words), PIECE))


def decode_once(path: Path, columns: list[str], texts: list[str]) -> None:
    """Decodes the columns of a Parquet file, row group by row group, texts as dictionaries."""
    file = pq.ParquetFile(path, read_dictionary=texts)
    for group in range(file.num_row_groups):
        file.read_row_group(group, columns=columns, use_threads=True)
