"""`segrules check`: a project into its findings."""

from typing import TYPE_CHECKING, Any

import click

from segrules.cli.console import findings_json, print_json, progress_bar
from segrules.cli.exit import Exit, exit_for
from segrules.cli.options import fail_on_option, output_format_option, project_argument
from segrules.cli.output import Output
from segrules.diagnostics.errors import SegrulesError
from segrules.diagnostics.render import finding_json
from segrules.governance.silencers import Silenced

if TYPE_CHECKING:
    from segrules.proofs.statements import Proofs


@click.command("check", short_help="Check rules and catalogue.")
@project_argument
@output_format_option
@fail_on_option
@click.option("--prove/--no-prove", default=True, help="Whether to prove things about all customers who could exist.")
@click.option(
    "--as-of",
    metavar="DAY",
    help="The day on which review dates and the ends of silencers are looked at; today where left out.",
)
def command(folder: str, output_format: str, fail_on: str, prove: bool, as_of: str | None) -> Exit:
    """Check the rules and the catalogue of the project in DIR, and prove what they promise; no data are read."""
    from segrules.workspace.load import load

    output = Output("check", folder, output_format, fail_on)
    try:
        rules = load(folder)
        proofs: Proofs | None = None
        if prove and rules.sound and rules.typed is not None:
            with progress_bar(wanted=output_format == "text") as tell:
                proofs = rules.prove(progress=tell)
        checked = rules.checked(as_of, proofs=proofs)
    except SegrulesError as error:
        return output.refuse(error)
    proven: dict[str, Any] = {}
    told: str | None = None
    if proofs is not None and rules.typed is not None:
        # Imported here: an editor that checks without proofs is not to wait for it.
        from segrules.proofs.report import proofs_json, proofs_line

        proven, told = {"proofs": proofs_json(proofs, rules.typed)}, proofs_line(proofs)
    if output_format == "json":
        silenced = [_silenced_json(item) for item in checked.silenced]
        print_json({"findings": findings_json(checked.findings), "silenced": silenced, **proven})
    else:
        output.findings(checked.findings, rules.sources, told=told, silenced=len(checked.silenced))
    return exit_for(checked.findings, fail_on)


def _silenced_json(item: Silenced) -> dict[str, Any]:
    """A silenced finding as JSON values, with the reason and the end that its comment gives."""
    comment = {"path": item.span.path, "line": item.span.line, "column": item.span.column}
    return {**finding_json(item.finding), "reason": item.reason, "until": item.until.isoformat(), "comment": comment}
