"""Options and arguments that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

project_argument = click.argument("folder", metavar="DIR", type=click.Path())
"""The folder of a project."""


def output_format_option(command: _Command) -> _Command:
    """`--output-format text|json`."""
    return click.option(
        "--output-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print; JSON goes to standard output alone.",
    )(command)


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
