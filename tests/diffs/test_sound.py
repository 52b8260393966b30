"""Rule sets with many small edits: no customer who is found contradicts what is said of any segment."""

import random
import re
import shutil
from pathlib import Path

import segrules
from benchmarks.segments_made import write
from segrules.ir import nodes as ir
from segrules.ir import testcases
from segrules.ir.rules import Rules
from segrules.proofs.changes.change import Kind
from segrules.proofs.witnesses.replay import Replayer

SEGMENTS = 24
COUNT = re.compile(r"(?<=[<>]= )(\d+)")
DAYS = re.compile(r"last (\d+) days")

FORBIDDEN = {
    Kind.SAME: ((True, False), (False, True)),
    Kind.WIDER: ((True, False),),
    Kind.NARROWER: ((False, True),),
    Kind.DISJOINT: ((True, True),),
}
"""Whether a customer cannot be in the earlier and in the later version."""


def _edited(line: str, chance: random.Random) -> str:
    if not re.match(r"\s+(?:where|and)\b", line) or chance.random() > 0.35:
        return line
    kind = chance.random()
    if kind < 0.6:
        return COUNT.sub(lambda found: str(int(found[1]) + chance.choice((1, 5))), line, count=1)
    if kind < 0.8:
        return line.replace(" or ", " and ", 1)
    return DAYS.sub(lambda found: f"last {int(found[1]) + 1} days", line, count=1)


def test_what_is_said_holds_of_every_customer_who_is_found(tmp_path: Path) -> None:
    before, after = write(tmp_path / "before", SEGMENTS), tmp_path / "after"
    shutil.copytree(before, after)
    chance = random.Random(7)
    for path in sorted(after.glob("segments_*.seg")):
        lines = [_edited(line, chance) for line in path.read_text(encoding="utf-8").split("\n")]
        path.write_text("\n".join(lines), encoding="utf-8")
    one, other = segrules.load(before), segrules.load(after)
    found = one.diff(other)
    assert one.typed is not None
    assert other.typed is not None
    assert {Kind.SAME, Kind.NARROWER} <= {item.kind for item in found.segments}
    shown = [test for item in found.segments for test in (item.judged.gained, item.judged.lost) if test is not None]
    assert shown
    for test in shown:
        was, now = _memberships(one.typed, test), _memberships(other.typed, test)
        for item in found.segments:
            if item.name in was and item.name in now:
                assert (was[item.name], now[item.name]) not in FORBIDDEN.get(item.kind, ()), item.name


def _memberships(rules: Rules, test: testcases.Test) -> dict[str, bool]:
    """The segments whose columns the test gives, and whether its customer is a member."""
    replayer = Replayer(rules, test.as_of, test.lists, test.rows)
    (given,) = test.customers
    row = replayer.add(given)
    names = [name for name in rules.segments if not replayer.lacks(given, [ir.InSegment(name)])]
    return {name: replayer.member(row, name) for name in names}
