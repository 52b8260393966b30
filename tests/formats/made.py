"""Reports to write, hostile ones among them."""

from collections.abc import Iterable, Mapping

from segrules.cli.formats.report import Refusal, Report, make_report
from segrules.diagnostics.codes import DUPLICATE_NAME, EMPTY_SEGMENT, UNKNOWN_NAME, UNUSED_LOCK
from segrules.diagnostics.finding import Evidence, Finding, Related, Severity, finding
from segrules.text.source import Source
from segrules.text.span import Span

RULES = 'segment big "Spent a lot"\n  where contry = "GB"\n\nsegment big\n  where age >= 18\n    and age <= 99\n'
SOURCES = {"rules.seg": Source("rules.seg", RULES)}

UNKNOWN = finding(
    UNKNOWN_NAME,
    "`contry` is not the name of an attribute",
    Span("rules.seg", 2, 9, 2, 15),
    help="did you mean `country`?",
)
TWICE = finding(
    DUPLICATE_NAME,
    "`big` is defined twice",
    Span("rules.seg", 4, 9, 4, 12),
    related=[Related(Span("rules.seg", 1, 9, 1, 12), "the first `big`")],
)
LINES = finding(UNKNOWN_NAME, "two lines", Span("rules.seg", 5, 3, 6, 18), severity=Severity.WARNING)
NOWHERE = finding(EMPTY_SEGMENT, "`big` has no members", severity=Severity.WARNING, examples=["a", "b"])
NOTED = finding(UNUSED_LOCK, "nobody asks for this line", Span("segrules.lock", 0, 0, 0, 0), severity=Severity.NOTE)
SHOWN = finding(
    UNKNOWN_NAME,
    "`big` is not exclusive",
    Span("rules.seg", 1, 9, 1, 12),
    evidence=Evidence('test "x ``` y"\n  as of 2026-11-01\n', {"as_of": "2026-11-01"}),
)
"""A finding with a customer who shows it."""
ALL = (UNKNOWN, TWICE, LINES, NOWHERE, NOTED)

EVIL = (
    "\n::add-mask::x\r\n##[error]y %0A \x1b[31m\x00 </failure>]]> <script>alert(1)</script> \u202e \ud800 \uffff "
    "[x](http://evil.example) ![x](http://evil.example) `` ` @everyone | # * _ ~ $x$ <!-- {0} &amp; \u2028 \u0085"
)
HOSTILE = Finding(
    UNKNOWN_NAME,
    f"`{EVIL}` {EVIL}",
    Span(f"a,b:c=%d\n::stop-commands::x {EVIL}.seg", 1, 1, 1, 2),
    EVIL,
    (Related(Span(f"{EVIL}.seg", 1, 1, 1, 2), EVIL),),
    examples=(EVIL,),
)
"""A finding about names that were chosen to break out of a format."""


def report(
    *findings: Finding,
    project: str = "shop",
    sources: Mapping[str, Source] = SOURCES,
    anywhere: bool = False,
    fail_on: str = "error",
    refusal: Refusal | None = None,
    told: str | None = None,
) -> Report:
    return make_report(
        "check", findings, sources, project=project, anywhere=anywhere, fail_on=fail_on, refusal=refusal, told=told
    )


def many(count: int, severity: Severity = Severity.ERROR) -> Iterable[Finding]:
    """So many findings, each on a line of its own."""
    return [
        finding(UNKNOWN_NAME, f"finding {number}", Span("rules.seg", number, 1, number, 2), severity=severity)
        for number in range(1, count + 1)
    ]
