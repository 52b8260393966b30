"""The segments of two versions into pairs: those of one name, and those that were renamed."""

from collections.abc import Callable, Iterable

from segrules.ir.meaning import Meanings
from segrules.workspace.diffs.lines import Written, similar

Pair = tuple[str | None, str | None]
"""The earlier and the later name of a segment; None where it is not there."""

_ALIKE = 0.7
"""So much of its words a segment that was renamed has to keep, where its meaning changed as well."""
_MOST_COMPARED = 4_000
_MOST_PROVED = 12
"""So many pairs of names are compared by lines, and so many by proof."""
_FEW = 4


def matched(
    before: Meanings, after: Meanings, old: Written, new: Written, same: Callable[[str, str], bool]
) -> list[Pair]:
    """Each segment of either version once, sorted by its later name; `same` asks for a proof of one meaning."""
    one, other = before.rules.segments, after.rules.segments
    gone = sorted(name for name in one if name not in other)
    come = sorted(name for name in other if name not in one)
    renamed: dict[str, str] = {}
    _take(renamed, _of_one_meaning(before, after, gone, come))
    taken = {*renamed, *renamed.values()}
    left = [pair for pair in _likely(old, new, gone, come) if not taken.intersection(pair[1:])]
    for share, earlier, later in left[:_MOST_PROVED]:
        # Where nothing is alike, only a few are asked about.
        if not share and len(left) > _FEW:
            break
        if earlier not in renamed and later not in renamed.values() and same(earlier, later):
            renamed[earlier] = later
    _take(renamed, ((earlier, later) for share, earlier, later in left if share >= _ALIKE))
    pairs: list[Pair] = [(name, name) for name in other if name in one]
    pairs += renamed.items()
    pairs += [(name, None) for name in gone if name not in renamed]
    pairs += [(None, name) for name in come if name not in renamed.values()]
    return sorted(pairs, key=lambda pair: (pair[1] or pair[0] or "", pair[1] is None))


def _take(renamed: dict[str, str], pairs: Iterable[tuple[str, str]]) -> None:
    for earlier, later in pairs:
        if earlier not in renamed and later not in renamed.values():
            renamed[earlier] = later


def _of_one_meaning(before: Meanings, after: Meanings, gone: list[str], come: list[str]) -> Iterable[tuple[str, str]]:
    by_meaning: dict[str, list[str]] = {}
    for name in come:
        by_meaning.setdefault(after.segment(name), []).append(name)
    for name in gone:
        yield from ((name, other) for other in by_meaning.get(before.segment(name), ()))


def _likely(old: Written, new: Written, gone: list[str], come: list[str]) -> list[tuple[float, str, str]]:
    """Pairs that may be one segment, those that are most alike first."""
    if len(gone) * len(come) > _MOST_COMPARED:
        return []
    pairs = [
        (similar(old.of(("segment", earlier)), new.of(("segment", later))), earlier, later)
        for earlier in gone
        for later in come
    ]
    return sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))
