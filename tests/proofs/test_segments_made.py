"""The rule sets that proofs are measured on: read without a finding of weight, and the same everywhere."""

from hashlib import sha256
from pathlib import Path

import pytest

import segrules
from benchmarks.segments_made import segments, texts, write
from segrules.diagnostics.finding import Severity
from segrules.ir.rules import Rules


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    loaded = segrules.load(write(tmp_path_factory.mktemp("made"), 120))
    assert [item for item in loaded.check() if item.severity is not Severity.NOTE] == []
    assert loaded.typed is not None
    return loaded.typed


def test_every_segment_is_read(typed: Rules) -> None:
    assert list(typed.segments) == [made.name for made in segments(120)]
    assert set(typed.scores) == {"rfm", "fixed", "loyalty"}
    assert all(segment.header.purposes and segment.header.channels for segment in typed.segments.values())


def test_shares_are_as_told() -> None:
    made = segments(1000)
    excluding = sum(any("segment_" in line for line in _clause(item.text, "except")) for item in made)
    consenting = sum(bool(_clause(item.text, "consent")) for item in made)
    assert 120 <= excluding <= 180
    assert 400 <= consenting <= 500
    assert 850 <= sum(item.exact for item in made) < 1000


def _clause(text: str, word: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"  {word} ")]


def test_the_text_is_the_same_on_every_machine() -> None:
    digest = sha256("\n".join(f"{path}\n{text}" for path, text in texts(200).items()).encode()).hexdigest()
    assert digest == "fefc5529d8a4fe8e92e07de8a05a828e114a67dec4b098adf6b16c360ca6464b"


def test_fewer_segments_are_the_first_of_more() -> None:
    assert segments(100) == segments(300)[:100]


@pytest.mark.parametrize("changed", [1, 5])
def test_so_many_segments_change(changed: int, tmp_path: Path) -> None:
    before, after = segments(100), segments(100, changed)
    assert [made.name for made in before] == [made.name for made in after]
    assert sum(one.text != other.text for one, other in zip(before, after, strict=True)) == changed
    weights = {item.severity for item in segrules.load(write(tmp_path, 100, changed)).check()}
    assert weights <= {Severity.NOTE}
