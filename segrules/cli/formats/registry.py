"""Names of formats into what writes them; a module is loaded when its format is asked for."""

from importlib import import_module

from segrules.cli.formats.report import Report

FORMATS = ("concise", "github", "sarif", "gitlab", "junit", "markdown")
"""The formats that hold findings and nothing else; each is `render` in the module of its name."""


def render(name: str, report: Report) -> str:
    """The report in one of `FORMATS`: text that ends with a line end, or is empty."""
    text: str = import_module(f"segrules.cli.formats.{name}").render(report)
    return text
