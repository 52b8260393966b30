"""`segrules test`: the tests of a project into what passed, and why the others did not."""

import click

from segrules.cli.console import print_findings, print_json, print_pieces, progress_bar
from segrules.cli.exit import Exit
from segrules.cli.options import output_format_option, project_argument
from segrules.cli.output import Output
from segrules.diagnostics.errors import SegrulesError
from segrules.diagnostics.finding import has_errors
from segrules.text.source import Source


@click.command("test", short_help="Run the tests that stand in the rules.")
@project_argument
@click.option("-k", "select", metavar="NAME", help="Run only tests whose titles contain NAME, in any case.")
@output_format_option
def command(folder: str, select: str | None, output_format: str) -> Exit:
    """Run the tests that stand in the rules of the project in DIR, on both engines; no data are read."""
    from segrules.workspace.load import load

    sources: dict[str, Source] = {}
    output = Output("test", folder, output_format)
    try:
        rules = load(folder)
        sources.update(rules.sources)
        with progress_bar(wanted=output_format == "text") as progress:
            run = rules.test(select, progress=progress)
    except SegrulesError as error:
        return output.refuse(error, sources)
    if output_format == "json":
        print_json(run.to_json())
    elif output_format == "junit":
        click.echo(run.to_junit(), nl=False)
    elif output_format != "text":
        from segrules.testing.report import run_findings

        output.findings(run_findings(run), sources)
    else:
        from segrules.testing.report import run_pieces

        if run.findings:
            print_findings(run.findings, sources)
            click.echo()
        if len(run):
            print_pieces(run_pieces(run, sources))
        else:
            click.echo(f'{folder} has no tests; a first one is `test "TITLE"` with `as of`, `given` and `expect`')
    if run.disagreed:
        return Exit.FAILURE
    return Exit.FINE if run.passed and not has_errors(run.findings) else Exit.FINDINGS
