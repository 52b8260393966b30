"""Statements into findings: what a marketer has to mend, with the customer who shows it."""

from collections.abc import Iterable, Iterator, Sequence

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Evidence, Finding, Related, finding, in_order
from segrules.governance.same import equal_segments
from segrules.ir.rules import Rules
from segrules.ir.testcases import Test
from segrules.proofs.statements import Grid, Kind, Statement
from segrules.proofs.verdict import Answer, Clause, Reason
from segrules.proofs.witnesses.json_values import witness_json
from segrules.proofs.witnesses.testblock import Unwritable, block
from segrules.text.span import Span

_BROKEN = {
    Kind.EXCLUSIVE: (
        codes.NOT_EXCLUSIVE,
        "a customer can be in both {all}",
        "narrow one of them with `except`, or take the promise back",
    ),
    Kind.COVERS: (
        codes.NOT_COVERED,
        "a customer can be in none of {all}",
        "widen one of them, or name what takes the rest; where a value may be missing, `is unknown` says so",
    ),
    Kind.SUBSET: (
        codes.NOT_A_SUBSET,
        "a customer can be in `{first}` and not in `{last}`",
        "narrow `{first}`, widen `{last}`, or take the promise back",
    ),
}
_WHY = {
    Reason.POPULATION: "it depends on who else there is",
    Reason.RELATION: "it depends on other customers of an account",
    Reason.SEQUENCE: "it depends on the order of events, which is followed only in part",
    Reason.REGULARITY: "it depends on the rhythm of events, which is followed only in part",
    Reason.SAMPLE: "it depends on a drawn sample",
    Reason.TEXT: "a test of text is too hard to follow",
    Reason.ARITHMETIC: "a calculation is too hard to follow",
    Reason.CALENDAR: "it depends on how long months are",
    Reason.SIZE: "there are more cases than the limit",
    Reason.BUDGET: "it takes more steps than the limit",
    Reason.UNCONFIRMED: "no example could be confirmed",
}


def findings_of(statements: Iterable[Statement], grids: Iterable[Grid], rules: Rules) -> tuple[Finding, ...]:
    """Everything in proofs that somebody has to mend or to know, by place."""
    found = [item for statement in statements for item in _of(statement, rules)]
    return in_order([*found, *(_grid(item) for item in grids if item.several or item.none)])


def _of(statement: Statement, rules: Rules) -> Iterator[Finding]:
    answer, kind = statement.verdict.answer, statement.kind
    match kind:
        case Kind.NOBODY if answer is Answer.PROVED:
            yield _nobody(statement)
        case Kind.EVERYONE if answer is Answer.PROVED:
            yield finding(codes.EVERYONE, statement.text, statement.span)
        case Kind.IDLE if answer is Answer.PROVED:
            help_ = "remove it, or write what it was meant to say"
            yield finding(codes.IDLE_CLAUSE, statement.text, statement.span, help=help_)
        case Kind.STAGE if answer is Answer.PROVED:
            yield _stage(statement)
        case Kind.EQUAL if answer is Answer.PROVED:
            one, other = (rules.segments[name] for name in statement.names)
            yield equal_segments(other, one)
        case Kind.LET_IN if answer is Answer.REFUTED:
            segment, name = statement.names
            message = f"a customer can be in `{segment}` because `{name}` is missing"
            yield finding(codes.LET_IN, message, statement.span, evidence=_evidence(statement, rules))
        case Kind.EXCLUSIVE | Kind.COVERS | Kind.SUBSET | Kind.POLICY if answer is Answer.UNDECIDED:
            yield _undecided(statement, rules)
        case Kind.EXCLUSIVE | Kind.COVERS | Kind.SUBSET if answer is Answer.REFUTED:
            yield _declared(statement, rules)
        case Kind.POLICY if answer is Answer.REFUTED:
            yield _policy(statement, rules)
        case _:
            pass


def _nobody(statement: Statement) -> Finding:
    core = statement.verdict.core
    (name,) = statement.names
    if len(core) == 1:
        message = f"nobody can be a member of `{name}`: no customer satisfies this"
        return finding(codes.IMPOSSIBLE_SEGMENT, message, core[0].span, help="mend this clause")
    message = f"nobody can be a member of `{name}`: {len(core)} of its clauses contradict each other"
    related = [Related(clause.span, _role(clause)) for clause in core]
    return finding(codes.IMPOSSIBLE_SEGMENT, message, statement.span, help="mend one of them", related=related)


def _stage(statement: Statement) -> Finding:
    (name,) = statement.names
    own = [clause for clause in statement.verdict.core if clause.span == statement.span]
    earlier = [clause for clause in statement.verdict.core if clause.span != statement.span]
    if not earlier and own:
        message = f"nobody is ever in the stage `{name}`: no customer satisfies its condition"
        help_ = "mend the condition, or remove the stage"
    else:
        message = f"nobody is ever in the stage `{name}`: earlier stages take everybody whom it would take"
        help_ = "move it up, narrow an earlier stage, or remove it"
    related = [Related(clause.span, "this stage comes before it") for clause in earlier]
    return finding(codes.STAGE_NEVER_WINS, message, statement.span, help=help_, related=related)


def _declared(statement: Statement, rules: Rules) -> Finding:
    code, *words = _BROKEN[statement.kind]
    names = statement.names
    message, help_ = (text.format(all=_listed(names), first=names[0], last=names[-1]) for text in words)
    return finding(
        code,
        message,
        statement.span,
        help=help_,
        related=_places(statement.names, rules),
        evidence=_evidence(statement, rules),
    )


def _policy(statement: Statement, rules: Rules) -> Finding:
    segment, policy = statement.names
    message = f"a member of `{segment}` can break the policy `{policy}`"
    if statement.unknown:
        message += ": it may be unknown whether they satisfy it"
    related = [Related(statement.span, "the policy requires this")]
    help_ = "add a clause that makes sure of it, such as `consent`, `eligible` or `except`"
    span = _place(segment, rules)
    evidence = _evidence(statement, rules)
    return finding(codes.POLICY_BROKEN, message, span, help=help_, related=related, evidence=evidence)


def _undecided(statement: Statement, rules: Rules) -> Finding:
    reason = statement.verdict.reason
    why = _WHY[reason] if reason is not None else "no proof was found"
    message = f"it could not be proved that {statement.text}: {why}"
    names = statement.names[:1] if statement.kind is Kind.POLICY else statement.names
    sure = "a clause such as `eligible` or `except`" if statement.kind is Kind.POLICY else "an `except`"
    help_ = f"what is not proved does not count as kept; {sure} makes sure of it"
    return finding(codes.UNDECIDED, message, statement.span, help=help_, related=_places(names, rules))


def _grid(grid: Grid) -> Finding:
    ranks = _listed(grid.ranks)
    counts = (grid.several, "several stages"), (grid.none, "no stage")
    matching = " and ".join(f"{_count(number)} {what}" for number, what in counts if number)
    message = f"of {grid.cells} combinations of {ranks}, {matching}"
    examples = []
    if grid.one_of_several is not None:
        examples.append(f"several match {grid.one_of_several}")
    if grid.one_of_none is not None:
        examples.append(f"none matches {grid.one_of_none}")
    return finding(codes.GRID, message, grid.span, examples=examples)


def _count(number: int) -> str:
    return "1 matches" if number == 1 else f"{number} match"


def _places(names: Sequence[str], rules: Rules) -> list[Related]:
    found = []
    for name in names:
        span = _place(name, rules)
        if span is not None:
            found.append(Related(span, f"`{name}` is here"))
    return found


def _place(name: str, rules: Rules) -> Span | None:
    if name in rules.segments:
        return rules.segments[name].span
    if name in rules.definitions:
        return rules.definitions[name].span
    partition, _, stage = name.partition(".")
    if partition in rules.partitions:
        return next((item.span for item in rules.partitions[partition].stages if item.name == stage), None)
    return None


def _role(clause: Clause) -> str:
    return {
        "where": "this condition",
        "except": "this exclusion",
        "eligible": "this requirement",
        "consent": "this consent",
        "suppression": "this suppression list",
        "cap": "this cap",
    }.get(clause.what, "this")


def _evidence(statement: Statement, rules: Rules) -> Evidence | None:
    witness = statement.verdict.witness
    return None if witness is None else evidence(witness, rules)


def evidence(witness: Test, rules: Rules) -> Evidence | None:
    """A customer as people and programs read it; None for one that the language cannot write."""
    if not witness.expectations:
        return None
    try:
        return Evidence(block(witness, rules.catalogue), witness_json(witness, rules.catalogue))
    except Unwritable:
        return None


def _listed(names: Iterable[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
