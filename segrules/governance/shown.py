"""What a definition reads of sensitive data, in lines for `segrules show`."""

from segrules.governance.flow import Flow, Read
from segrules.governance.paths import through
from segrules.governance.vocabulary import Axis, Fact, groups_of, is_sensitive, labelled
from segrules.ir.rules import Rules


def sensitive_lines(rules: Rules, name: str) -> tuple[str, ...]:
    """The sensitive labels that a segment, partition, score or define reads, each with one path; none where none is."""
    if not any(True for _ in labelled(rules.catalogue)):
        return ()
    first: dict[tuple[str, str, str | None], Read] = {}
    for read in Flow(rules).reads(name):
        if is_sensitive(read.fact):
            first.setdefault((_words(read.fact), read.fact.source, read.fact.value), read)
    lines = sorted(f"  {words}: {_place(read)}" for (words, _, _), read in first.items())
    return ("reads sensitive data:", *lines) if lines else ()


def _words(fact: Fact) -> str:
    word = {Axis.PROXY: f"a proxy for {fact.word}"}.get(fact.axis, fact.word)
    groups = groups_of(fact)
    return f"{word} ({groups})" if groups else word


def _place(read: Read) -> str:
    value = "" if read.fact.value is None else f", where it is `{read.fact.value}`"
    return f"{through(read)}{value}"
