"""An assessment into Markdown that a privacy officer reads in five minutes."""

import re
from collections.abc import Iterable, Iterator, Sequence

from segrules.explain.lines import listed
from segrules.governance.schedules import Duties
from segrules.proofs.premise_words import premise_words
from segrules.workspace.assessment.decision import signature
from segrules.workspace.assessment.facts import Facts, LeftOut, Lines, Origin, Reading
from segrules.workspace.assessment.promise import BROKEN, KEPT, NO_RECORD, PROVED, REFUTED, UNDECIDED, Promise
from segrules.workspace.assessment.record import Assessment
from segrules.workspace.markdown import code, prose

HEAD = "<!-- Written by `segrules assess`: changes belong into the rules, decisions into the file of decisions. -->"
"""The first line of every document; a file without it is never replaced."""

_ANSWERS = {
    PROVED: "Proved for every customer who could exist",
    REFUTED: "**Not so**: a customer can break it",
    UNDECIDED: "**Undecided**",
    KEPT: "Kept",
    BROKEN: "**Broken**",
    NO_RECORD: "**No record**: the catalogue does not say where this consent stands",
}
_LEFT_OUT = {
    "except": "who is, or may be,",
    "suppression list": "who is on the suppression list",
    "cap": "who is beyond the cap",
}
_USES = {
    "identity": "name the customer",
    "filter": "decide who is in",
    "join": "join rows to customers",
    "group_by": "make one event of several rows",
    "sort": "order rows",
}


def document(made: Assessment, decision: str) -> str:
    """The Markdown of one assessment; `decision` is the name of the file beside it in which people decide."""
    facts = made.facts
    lines = [HEAD, "", f"# Privacy assessment: {prose(facts.title or facts.segment)}", ""]
    if facts.description:
        lines += [f"> {prose(' '.join(facts.description.split()))}", ""]
    lines += _table(("At a glance", ""), _summary(made))
    for title, section in (
        ("What stands out", _stands_out(made)),
        ("Who is in it", _who(facts)),
        ("Labelled data that it reads", _readings(facts)),
        ("Consent and policies", _promises(made.promises)),
        ("Whom it leaves out", _left_out(facts.left_out)),
        ("Where the data come from", _origins(facts)),
        ("What is asked of this assessment", _asked(made.duties)),
        ("Decision", _decision(made, decision)),
    ):
        lines += ["", f"## {title}", "", *section]
    return "\n".join(lines) + "\n"


# --- at a glance


def _summary(made: Assessment) -> Iterator[tuple[str, str]]:
    facts = made.facts
    yield "Segment", f"{code(facts.segment)}, {facts.status}"
    yield "Owner", code(facts.owner) if facts.owner else "nobody"
    yield "Purposes", codes(facts.purposes) or "none is named"
    yield "Channels", codes(facts.channels) or "none is named"
    yield "Sensitive data", sensitive(facts) or "none that the catalogue labels"
    if facts.justifications:
        last = max(facts.justifications, key=lambda item: item.until)
        yield "Justified", f"until {last.until} by {code(last.by)}: {prose(last.reason)}"
    yield "Consent", standing_of([item for item in made.promises if item.kind == "consent"], "no channel to consent to")
    yield "Policies", standing_of([item for item in made.promises if item.kind == "policy"], "no policy binds it")
    yield "Size", _size(made)
    if facts.holdout:
        yield "Held out", f"{facts.holdout} of its members are not contacted, to measure against"
    yield "To be reviewed", f"by {facts.review}" if facts.review else "no day is set"
    yield "Mark", f"{code(made.marks.material)}, as it is now since {made.since}"


def sensitive(facts: Facts) -> str:
    """The sensitive labels of what a segment reads, in bold; empty where there are none."""
    words = dict.fromkeys(label.words for reading in facts.readings for label in reading.labels if label.sensitive)
    return listed([f"**{prose(word)}**" for word in sorted(words)])


def standing_of(promises: Sequence[Promise], none: str) -> str:
    """How promises of one kind stand, in a few words."""
    if not promises:
        return none
    unsure = tuple(dict.fromkeys(item.name for item in promises if not item.holds))
    names = tuple(dict.fromkeys(item.name for item in promises if item.name not in unsure))
    kept = [f"{'proved' if promises[0].kind == 'consent' else 'kept'}: {codes(names)}"] if names else []
    return "; ".join([*([f"**not sure for {codes(unsure)}**"] if unsure else []), *kept])


def _size(made: Assessment) -> str:
    declared = made.facts.size
    expected = f"{declared} expected" if declared else "no bounds are set"
    measured = made.measured
    return expected if measured is None else f"{expected}; {measured.words} as of {measured.as_of}"


def _stands_out(made: Assessment) -> Iterator[str]:
    """What a reader should not miss, in the order of its weight."""
    facts = made.facts
    found = [f"{_named(item)}. {_ANSWERS[item.answer]}." for item in made.promises if not item.holds]
    if any(item.vacuous for item in made.promises):
        found.append("Nobody can be a member at all, so what is proved says nothing.")
    if sensitive(facts) and not facts.justifications:
        found.append("It reads sensitive data, and gives no justification.")
    if not facts.purposes:
        found.append("It names no purpose, so packs that go by the purpose do not bind it.")
    if facts.unlabelled:
        names = listed([code(name) for name in facts.unlabelled])
        found.append(f"The catalogue has no labels for {names}: nothing is said here of what these tell.")
    if not found:
        yield "Nothing: all promises hold, and everything that it reads has its labels."
        return
    yield from (f"- {text}" for text in found)


# --- the rule


def _who(facts: Facts) -> Iterator[str]:
    yield from _bullets(facts.who)
    if facts.named:
        yield from ("", "<details><summary>What the names in it stand for</summary>")
        for name, lines in facts.named:
            yield from ("", f"{code(name)}:", "", *_bullets(lines))
        yield from ("", "</details>")


def _bullets(lines: Lines) -> Iterator[str]:
    return (f"{'  ' * level}- {prose(text)}" for level, text in lines)


def _readings(facts: Facts) -> Iterator[str]:
    labelled = [item for item in facts.readings if not item.computed]
    rows = [(_data(item), _labels(item), "<br>".join(prose(path) for path in item.paths)) for item in labelled]
    if rows:
        yield from _table(("Data", "What they are", "Where the rule reads them"), rows)
    else:
        yield "None: no column, value or event that it reads has a label."
    computed = [item.data for item in facts.readings if item.computed]
    if computed:
        yield from ("", f"Computed by the catalogue from other columns: {codes(computed)}.")


def _data(reading: Reading) -> str:
    value = "" if reading.value is None else f" where it is {code(reading.value)}"
    return f"{code(reading.data)}{value}"


def _labels(reading: Reading) -> str:
    found = []
    for label in reading.labels:
        word = f"**{prose(label.words)}**" if label.sensitive else prose(label.words)
        found.append(f"{word} ({prose(label.laws)})" if label.laws else word)
    return "<br>".join(found)


# --- promises


def _promises(found: Sequence[Promise]) -> Iterator[str]:
    if not found:
        yield "It names no channel, and no policy binds it: nothing is promised of its members."
        return
    for item in found:
        yield f"- {_named(item)}. {_ANSWERS[item.answer]}{_because(item)}."
        if item.premises:
            yield f"  It holds {prose(premise_words(item.premises))}."
        if item.witness is not None:
            yield from ("", "  Such a customer:", "", *_block("seg", item.witness), "")


def _because(item: Promise) -> str:
    if item.reason is None:
        return ""
    return f", since it depends on {prose(item.reason)}" if item.answer == UNDECIDED else f": {prose(item.reason)}"


def _named(item: Promise) -> str:
    title = f" ({prose(item.title)})" if item.title else ""
    return _begun(item.text) if item.kind == "consent" else f"Policy {code(item.name)}{title}: {prose(item.text)}"


def _begun(text: str) -> str:
    return prose(text[:1].upper() + text[1:])


def _left_out(found: Sequence[LeftOut]) -> Iterator[str]:
    if not found:
        yield "Nobody beyond what the rule says above."
        return
    for item in found:
        name = f" {code(item.name)}" if item.name else ""
        yield f"- {_LEFT_OUT[item.kind]}{name} ({item.origin})"


# --- the data


def _origins(facts: Facts) -> Iterator[str]:
    rows = []
    for table in dict.fromkeys(item.table for item in facts.origins):
        columns = [item for item in facts.origins if item.table == table]
        for uses in dict.fromkeys(item.uses for item in columns):
            same = [item for item in columns if item.uses == uses]
            first = f"{code(table)}<br>{code(columns[0].path)}" if same[0] is columns[0] else ""
            rows.append((first, ", ".join(map(_column, same)), listed([_USES[use] for use in uses])))
    yield from _table(("Table", "Columns", "What they do"), rows)
    for what, names in (("Events", facts.events), ("Lists", facts.lists), ("Through", facts.through)):
        if names:
            yield from ("", f"{what}: {codes(names)}.")


def _column(origin: Origin) -> str:
    shown = code(origin.column)
    return shown if origin.physical == origin.column else f"{shown} ({code(origin.physical)} in the data)"


# --- what is asked, and the decision


def _asked(duties: Duties) -> Iterator[str]:
    if not duties.asks:
        yield "No pack that is on asks for an assessment of this segment."
        return
    yield from (f"- {_cited(item.pack, item.because, item.source)}" for item in duties.asks)
    for schedule in duties.schedules:
        yield f"- {_cited(schedule.pack, schedule.because, schedule.source)}"
        yield from (f"  - {prose(text)}" for text in schedule.also)
    yield from ("", "These are facts with dates, kept as data; they are no legal advice.")


def _cited(pack: str, because: str, source: str) -> str:
    return f"{code(pack)}: {prose(because)} ({prose(source)})"


def _decision(made: Assessment, decision: str) -> Iterator[str]:
    yield f"Why this is right, what it risks and what is done about it stands in [{decision}]({decision})."
    yield "Whoever answers for the segment as it stands here adds a line to that file, with a name and the day:"
    yield from ("", "```text", signature("who@example.org", made.since, made.marks.material), "```", "")
    yield "The mark changes with who is in, the labels read, purposes, channels and consent; then it is signed anew."


# --- Markdown


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(map(cell, row))} |" for row in rows)


def cell(text: str) -> str:
    """Markdown in a table: no bar may end the cell, not even one in code."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def codes(names: Sequence[str]) -> str:
    """Names in a row, as code."""
    return listed([code(name) for name in names], most=20)


def _block(language: str, text: str) -> Iterator[str]:
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    yield from (f"  {line}".rstrip() for line in (f"{fence}{language}", *text.splitlines(), fence))
