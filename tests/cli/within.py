"""The command line within this process: what a process of its own would say, without the second that it takes to start.

That a fresh process does the same is tested in `test_commands.py`, `test_run.py`, `test_hostile.py` and
`test_cheap_path.py`.
"""

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from segrules.cli.main import main


def segrules_within(
    arguments: Sequence[str | Path], cwd: Path | None = None, *, merged: bool = False, **environment: str
) -> CompletedProcess[str]:
    """Run the command line on files and streams as a process would have; `merged` puts errors among the output."""
    output = _stream()
    errors = output if merged else _stream()
    words = [str(word) for word in arguments]
    with (
        contextlib.chdir(cwd or Path.cwd()),
        patch.dict(os.environ, environment),
        patch.object(sys, "stdin", _stream()),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
    ):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
        else:
            raise AssertionError("the command line ends by leaving")
    assert isinstance(code, int)
    return CompletedProcess(["segrules", *words], code, _text(output), "" if merged else _text(errors))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    made = stream.buffer
    assert isinstance(made, io.BytesIO)
    return made.getvalue().decode("utf-8")
