"""The command `segrules`: words on the command line into one of the commands, and every end into an exit code."""

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import click

from segrules import __version__
from segrules.cli.exit import Exit
from segrules.diagnostics.nearest import nearest

COMMANDS = (
    "assess",
    "changelog",
    "check",
    "demo",
    "diff",
    "finding",
    "fit",
    "fmt",
    "lsp",
    "overlap",
    "plan",
    "run",
    "show",
    "test",
)
"""The commands; each is `command` in the module of its name, loaded when it is used."""

TRACEBACK = "SEGRULES_TRACEBACK"
"""The environment variable that asks for Python's traceback after a failure."""

REPORT = (
    "this is a mistake in segrules, not in the rules or the data; to report it, please give the command, the version "
    f"({__version__}) and what is printed with {TRACEBACK}=1 in the environment"
)


class _Commands(click.Group):
    """Loads a command only when it is used, so that none pays for the libraries of another."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"segrules.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            found = nearest(name, COMMANDS)
            hint = f"did you mean `{found}`?" if found else "commands are " + ", ".join(f"`{c}`" for c in COMMANDS)
            raise click.UsageError(f"there is no command `{name}`; {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="segrules")
def commands() -> None:
    """Customer segments as reviewed text: check them, read them in plain English, run them."""


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    from segrules.cli.console import survive_any_encoding

    # A stream that the caller closed is None; what is written to it goes nowhere.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  open until the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    survive_any_encoding()
    try:
        with _raising_when_terminated():
            code = run_command(sys.argv[1:] if args is None else list(args))
    except _Terminated:
        click.echo("terminated; nothing was left half written", err=True)
        code = Exit.TERMINATED
    sys.exit(code)


class _Terminated(BaseException):
    """SIGTERM came: raised in the main thread, so that what was begun is cleared away as after Ctrl-C."""


@contextmanager
def _raising_when_terminated() -> Iterator[None]:
    number = getattr(signal, "SIGTERM", None)
    in_charge = threading.current_thread() is threading.main_thread()
    # Who started us with SIGTERM ignored, or handles it already, keeps what they have.
    if number is None or not in_charge or signal.getsignal(number) is not signal.SIG_DFL:
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        # Nothing may interrupt the clearing away.
        signal.signal(number, signal.SIG_IGN)
        raise _Terminated

    signal.signal(number, stop)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_DFL)


def run_command(args: list[str]) -> int:
    """Run one command; its exit code."""
    try:
        result = commands.main(args, prog_name="segrules", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("interrupted; nothing was left half written", err=True)
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return Exit.INPUT
    except BrokenPipeError:
        return _closed_pipe()
    except SystemExit as left:  # click leaves by itself where the reader of a pipe is gone
        return _closed_pipe() if left.code == 1 else Exit.INPUT
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return _failed(error)
        _closed_pipe()
        click.echo("error: standard output cannot be written: no space left on the device", err=True)
        return Exit.INPUT
    except Exception as error:  # whatever else escapes is ours, and must end in one message
        return _failed(error)
    return int(result or Exit.FINE)


def _closed_pipe() -> Exit:
    # The reader left (`| head`); Python would complain when it flushes at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Exit.FINE


def _failed(error: Exception) -> Exit:
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    summary = " ".join(str(error).split())[:500]
    click.echo(f"segrules failed: {type(error).__name__}: {summary}\n{REPORT}", err=True)
    return Exit.FAILURE
