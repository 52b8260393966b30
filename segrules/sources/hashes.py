"""Hashes of files and of folders of files, as runs record them."""

from collections.abc import Sequence
from hashlib import sha256

import pyarrow as pa

from segrules.sources.places import File, Place
from segrules.sources.unreadable import Unreadable, first_line

_PIECE = 4 * 2**20


def of_table(digests: Sequence[tuple[str, str]], *, folder: bool) -> str:
    """The hash of a table, from the name and the digest of each of its files.

    For a folder it is the digest of what `sha256sum` would print.

    >>> of_table([("t.csv", "00ff")], folder=False)
    'sha256:00ff'
    """
    digest = digests[0][1]
    if folder:
        listing = "".join(f"{of_file}  {name}\n" for name, of_file in digests)
        digest = sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()
    return f"sha256:{digest}"


def of_place(where: Place) -> str:
    """The hash of the files of a table, read piece by piece.

    Raises:
        Unreadable: a file cannot be read, or is another than the one that was read before.
    """
    return of_table([(file.relative, _digest(where, file)) for file in where.files], folder=where.folder)


def _digest(where: Place, file: File) -> str:
    digest = sha256()
    with where.seen.watched(where.filesystem, file.path, file.shown):
        try:
            with where.filesystem.open_input_stream(file.path, compression=None) as stream:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
        except (OSError, ValueError, pa.ArrowException) as error:
            raise Unreadable(f"`{file.shown}` cannot be read: {first_line(error)}") from None
    return digest.hexdigest()
