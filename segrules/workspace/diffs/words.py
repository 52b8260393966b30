"""Words about a change that all formats share."""

from collections.abc import Iterator

from segrules.diagnostics.finding import Evidence
from segrules.proofs.changes.change import Kind
from segrules.proofs.verdict import Reason
from segrules.workspace.diffs.result import Diff, FieldChange, SegmentChange

_MEANINGS = {
    Kind.SAME: "the same members as before",
    Kind.WIDER: "wider: somebody can be new, nobody leaves",
    Kind.NARROWER: "narrower: somebody leaves, nobody can be new",
    Kind.SHIFTED: "shifted: somebody can be new, and somebody leaves",
    Kind.DISJOINT: "disjoint: nobody who was in stays",
    Kind.ADDED: "added",
    Kind.REMOVED: "removed",
    Kind.RENAMED: "renamed: the same members as before",
    Kind.UNDECIDED: "undecided",
}
_ORDER = (
    Kind.WIDER, Kind.SHIFTED, Kind.DISJOINT, Kind.NARROWER, Kind.UNDECIDED, Kind.ADDED, Kind.REMOVED, Kind.RENAMED,
)  # fmt: skip


def meaning(item: SegmentChange) -> str:
    """What became of a segment, in words."""
    if item.kind is Kind.UNDECIDED:
        sides = []
        sides += ["somebody can be new"] if item.judged.gained is not None else []
        sides += ["somebody leaves"] if item.judged.lost is not None else []
        known = f"; {' and '.join(sides)}" if sides else ""
        return f"undecided, {why(item)}{known}"
    return _MEANINGS[item.kind]


def why(item: SegmentChange) -> str:
    """Why a change is undecided: a limit of what is followed, or something that changed under it."""
    reason = str(item.judged.reason)
    return f"because of {reason}" if reason in list(Reason) else f"since {reason}"


def field_words(field: FieldChange) -> str:
    """A changed field in words."""
    if field.field == "reads":
        return f"newly reads {field.after}" if field.after else f"no longer reads {field.before}"
    return f"{field.field}: {field.before or 'nothing'} -> {field.after or 'nothing'}"


def shown(item: SegmentChange) -> Iterator[tuple[str, Evidence, bool]]:
    """The customers who show a change: what they are, the test, and whether that is one of the earlier version."""
    for which, words, found in (
        ("gained", "who can be new", item.gained),
        ("lost", "who can no longer be in", item.lost),
    ):
        if found is not None:
            yield words, found, which in item.judged.by_earlier


def summary(diff: Diff) -> str:
    """One sentence: how many segments changed and how, and whether promises are looser."""
    segments = [item for item in diff.segments if not item.is_stage]
    stages = sum(item.is_stage and item.told for item in diff.segments)
    changed = sum(item.kind not in (Kind.SAME, Kind.RENAMED) for item in segments)
    kinds = [(kind, sum(item.kind is kind for item in segments)) for kind in _ORDER]
    parts = [f"{count:,} {kind.value}" for kind, count in kinds if count]
    head = (
        f"{changed:,} of {_counted(len(segments), 'segment')} changed" if changed else "no segment changed its members"
    )
    told = f"{head} ({', '.join(parts)})" if parts else head
    others = []
    others += [f"{_counted(stages, 'stage')} of partitions changed"] if stages else []
    only = sum(bool(item.metadata) for item in segments)
    others += [f"{_counted(only, 'segment')} with other metadata"] if only else []
    loosened = sum(item.loosened for item in diff.policies)
    others += [f"{_counted(loosened, 'promise')} loosened"] if loosened else []
    sensitive = sum(item.sensitive for item in segments)
    others += [f"{_counted(sensitive, 'segment')} with a sensitive change"] if sensitive else []
    return "; ".join((told, *others))


def moved(diff: Diff, name: str) -> str:
    """Counts in data, empty where there are none."""
    shown = {} if diff.moves is None else diff.moves.shown(name)
    if not shown:
        return ""
    if not shown["before"] or not shown["after"]:
        return f"members: {shown['before'] or shown['after']}"
    return f"members: {shown['before']} -> {shown['after']}, entered {shown['entered']}, left {shown['left']}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
