"""`segrules check`: a project into its findings."""

from typing import TYPE_CHECKING, Any

import click

from segrules.cli.console import findings_json, print_json, progress_bar
from segrules.cli.exit import Exit, exit_for
from segrules.cli.options import fail_on_option, output_format_option, project_argument
from segrules.cli.output import Output
from segrules.diagnostics.errors import SegrulesError
from segrules.diagnostics.finding import in_order
from segrules.workspace.project import with_levels

if TYPE_CHECKING:
    from segrules.proofs.statements import Proofs


@click.command("check", short_help="Check rules and catalogue.")
@project_argument
@output_format_option
@fail_on_option
@click.option("--prove/--no-prove", default=True, help="Whether to prove things about all customers who could exist.")
def command(folder: str, output_format: str, fail_on: str, prove: bool) -> Exit:
    """Check the rules and the catalogue of the project in DIR, and prove what they promise; no data are read."""
    from segrules.proofs.report import proofs_json, proofs_line
    from segrules.workspace.load import load

    output = Output("check", folder, output_format, fail_on)
    try:
        rules = load(folder)
        findings = rules.check()
        proofs: Proofs | None = None
        if prove and rules.sound and rules.typed is not None:
            with progress_bar(wanted=output_format == "text") as tell:
                proofs = rules.prove(progress=tell)
            findings = in_order(with_levels([*findings, *proofs.findings], rules.project.levels))
    except SegrulesError as error:
        return output.refuse(error)
    if output_format == "json":
        content: dict[str, Any] = {"findings": findings_json(findings)}
        if proofs is not None and rules.typed is not None:
            content["proofs"] = proofs_json(proofs, rules.typed)
        print_json(content)
    else:
        output.findings(findings, rules.sources, told=None if proofs is None else proofs_line(proofs))
    return exit_for(findings, fail_on)
