"""`segrules check`: a project into its findings."""

import click

from segrules.cli.console import findings_json, print_error, print_findings, print_json
from segrules.cli.exit import Exit, exit_for
from segrules.cli.options import fail_on_option, output_format_option, project_argument
from segrules.diagnostics.errors import SegrulesError


@click.command("check", short_help="Check rules and catalogue.")
@project_argument
@output_format_option
@fail_on_option
def command(folder: str, output_format: str, fail_on: str) -> Exit:
    """Check the rules and the catalogue of the project in DIR; no data are read."""
    from segrules.workspace.load import load

    try:
        rules = load(folder)
    except SegrulesError as error:
        return print_error(error, output_format)
    findings = rules.check()
    if output_format == "json":
        print_json({"findings": findings_json(findings)})
    else:
        print_findings(findings, rules.sources)
    return exit_for(findings, fail_on)
