"""Options and arguments that several commands share."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

import click

from segrules.cli.console import print_message
from segrules.cli.exit import Exit
from segrules.cli.formats.registry import FORMATS
from segrules.cli.output import printed_to
from segrules.diagnostics.errors import OutputProblem

_Command = TypeVar("_Command", bound=Callable[..., Any])

project_argument = click.argument("folder", metavar="DIR", type=click.Path())
"""The folder of a project."""


def output_format_option(command: _Command) -> _Command:
    """`--output-format` with every format that holds findings, and `--output-file`."""
    return _output_options(command, FORMATS)


def plain_format_option(command: _Command) -> _Command:
    """`--output-format text|json`, for what is no list of findings, and `--output-file`."""
    return _output_options(command, ())


def output_file_option(command: _Command) -> _Command:
    """`--output-file`; the command does not know it, and prints to the file as it does to standard output."""

    @wraps(command)
    def printing(*args: Any, output_file: str | None, **kwargs: Any) -> Any:
        if output_file is None:
            return command(*args, **kwargs)
        try:
            with printed_to(output_file):
                return command(*args, **kwargs)
        except OutputProblem as problem:
            print_message(problem.message, problem.help)
            return Exit.INPUT

    with_file: Callable[[Any], _Command] = click.option(
        "--output-file",
        metavar="FILE",
        type=click.Path(),
        help="Print to FILE, which is replaced when everything is written.",
    )
    return with_file(printing)


def _output_options(command: _Command, formats: Sequence[str]) -> _Command:
    """The two options; a command knows the format alone."""
    with_format: Callable[[Any], _Command] = click.option(
        "--output-format",
        type=click.Choice(["text", "json", *formats]),
        default="text",
        show_default=True,
        help="How to print; all but text go to standard output alone.",
    )
    return with_format(output_file_option(command))


def data_option(command: _Command) -> _Command:
    """`--data NAME=PATH`, given again for each table; see `named_tables`."""
    return click.option(
        "--data", multiple=True, metavar="NAME=PATH", help="Read a table from elsewhere; may be given again."
    )(command)


def min_cell_option(text: str) -> Callable[[_Command], _Command]:
    """`--min-cell N`, of how many customers on counts are shown; `text` is its help."""
    return click.option("--min-cell", type=click.IntRange(min=1), default=11, show_default=True, metavar="N", help=text)


def fail_on_option(command: _Command) -> _Command:
    """`--fail-on error|warning`."""
    return click.option(
        "--fail-on",
        type=click.Choice(["error", "warning"]),
        default="error",
        show_default=True,
        help="The least severity that makes the exit code 1.",
    )(command)


def named_tables(given: tuple[str, ...]) -> dict[str, str]:
    """What `--data NAME=PATH` gives, by table."""
    tables = {}
    for item in given:
        name, equals, path = item.partition("=")
        if not (name.strip() and equals and path):
            raise click.BadParameter(f"`{item}` is not NAME=PATH", param_hint="--data")
        if name.strip() in tables:
            raise click.BadParameter(f"the table `{name.strip()}` is given twice", param_hint="--data")
        tables[name.strip()] = path
    return tables
