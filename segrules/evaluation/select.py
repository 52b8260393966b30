"""Which segments a run takes."""

from collections.abc import Collection

from segrules.diagnostics.errors import BadInput, UnknownName
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.rules import Rules, Status


def select_partitions(rules: Rules, *, drafts: bool) -> tuple[str, ...]:
    """The names of the partitions to run, sorted: all that are active, with `drafts` also those."""
    allowed = _allowed(drafts)
    return tuple(sorted(name for name, item in rules.partitions.items() if item.header.status in allowed))


def select(rules: Rules, asked: Collection[str] | None, *, drafts: bool) -> tuple[str, ...]:
    """The names of the segments to run, sorted: the active ones, with `drafts` also those, or only those `asked`.

    Raises:
        UnknownName: a name that is asked for is no segment.
        BadInput: a segment that is asked for is retired, or is a draft that was not let in.
    """
    allowed = _allowed(drafts)
    if asked is None:
        return tuple(sorted(name for name, item in rules.segments.items() if item.header.status in allowed))
    for name in asked:
        _check(rules, name, allowed)
    return tuple(sorted(set(asked)))


def _allowed(drafts: bool) -> set[Status]:
    return {Status.ACTIVE, Status.DRAFT} if drafts else {Status.ACTIVE}


def _check(rules: Rules, name: str, allowed: set[Status]) -> None:
    segment = rules.segments.get(name)
    if segment is None:
        raise UnknownName(f"there is no segment `{name}`", help=_instead(rules, name))
    if segment.header.status not in allowed:
        draft = segment.header.status is Status.DRAFT
        raise BadInput(
            f"segment `{name}` is {'a draft' if draft else 'retired'}, which is not run",
            help='add `--include draft` (in Python `include="draft"`)' if draft else "set its status to `active`",
        )


def _instead(rules: Rules, name: str) -> str:
    for kind, names in (("partition", rules.partitions), ("define", rules.definitions), ("score", rules.scores)):
        if name in names:
            written = "partitions are always written" if kind == "partition" else "only segments can be chosen"
            return f"`{name}` is a {kind}; {written}"
    return did_you_mean(name, rules.segments) or _listed(rules)


def _listed(rules: Rules) -> str:
    names = sorted(rules.segments)
    if not names:
        return "the project has no segments"
    return "there are " + ", ".join(f"`{name}`" for name in names[:10]) + (" and more" if len(names) > 10 else "")
