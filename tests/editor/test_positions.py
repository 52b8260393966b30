import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrules.editor.edits import Edit, edited, text_at
from segrules.editor.positions import Units, offset, place
from segrules.text.source import Source
from segrules.text.span import Span

TEXTS = st.text(st.sampled_from('a"é\u2028\x0c\x85\U0001f381\n '), max_size=30)
ENCODINGS = ["utf-8", "utf-16", "utf-32"]


@pytest.mark.parametrize(
    ("encoding", "character", "column"),
    [("utf-32", 2, 3), ("utf-16", 3, 3), ("utf-8", 5, 3), ("utf-16", 1, 2), ("utf-16", 2, 3), ("utf-16", 99, 4)],
)
def test_a_character_beyond_the_basic_plane_counts_as_the_editor_counts_it(
    encoding: str, character: int, column: int
) -> None:
    source = Source("a.seg", "x\U0001f381y")
    assert Units(encoding).from_editor(source, 0, character) == (1, column)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=TEXTS)
def test_every_place_survives_the_way_to_the_editor_and_back(encoding: str, text: str) -> None:
    source, units = Source("a.seg", text), Units(encoding)
    for at in range(len(text) + 1):
        line, column = place(source, at)
        assert offset(source, line, column) == at
        assert units.from_editor(source, *units.to_editor(source, line, column)) == (line, column)


@pytest.mark.parametrize(("line", "character"), [(-1, 0), (0, -5), (0, 99), (7, 3), (10**9, 10**9)])
def test_positions_outside_the_text_are_brought_into_it(line: int, character: int) -> None:
    source = Source("a.seg", "ab\ncd")
    found_line, column = Units().from_editor(source, line, character)
    assert 1 <= found_line <= 2
    assert 1 <= column <= 3


@given(text=TEXTS, start=st.integers(0, 30), length=st.integers(0, 5), new=TEXTS)
def test_an_edit_changes_its_span_and_nothing_else(text: str, start: int, length: int, new: str) -> None:
    source = Source("a.seg", text)
    start = min(start, len(text))
    end = min(start + length, len(text))
    span = Span("a.seg", *place(source, start), *place(source, end))
    assert text_at(source, span) == text[start:end]
    assert edited(source, [Edit(span, new)]) == text[:start] + new + text[end:]
