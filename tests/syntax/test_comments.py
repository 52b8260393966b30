"""Comments: none is lost, none changes the tree."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from segrules.syntax.nodes import File
from segrules.syntax.parser import parser
from tests.syntax.read import file_of

SOURCE = (Path(__file__).parents[1] / "language" / "everything.seg").read_text(encoding="utf-8")
PLAIN = "\n".join(line.partition(" #")[0] if not line.startswith("#") else "" for line in SOURCE.split("\n"))


def _token_ends(text: str) -> list[int]:
    tokens = parser().parse_interactive(text, start="file").iter_parse()
    return [token.end_pos for token in tokens if token.end_pos is not None]


ENDS = _token_ends(PLAIN)
TREE = file_of(PLAIN)[0]


def _same(one: File, other: File) -> bool:
    return one.blocks == other.blocks


def test_the_source_is_without_findings_and_its_comments_are_found_in_order() -> None:
    tree, findings = file_of(SOURCE)
    assert not findings
    expected = [line[line.index("#") :] for line in SOURCE.split("\n") if line.startswith("#") or " # " in line]
    assert [comment.text for comment in tree.comments] == expected
    assert _same(tree, TREE)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ENDS), st.text(st.characters(exclude_characters="\n\r"))), max_size=12))
def test_comments_between_any_two_tokens_are_kept_and_change_nothing(placed: list[tuple[int, str]]) -> None:
    chosen = dict(placed)
    text, at = "", 0
    for end in sorted(chosen):
        text += f"{PLAIN[at:end]} #{chosen[end]}\n"
        at = end
    tree, findings = file_of(text + PLAIN[at:])
    assert not findings
    assert _same(tree, TREE)
    assert [comment.text for comment in tree.comments] == [f"#{chosen[end]}" for end in sorted(chosen)]


def test_a_sign_of_comment_in_quotes_or_backticks_is_none() -> None:
    tree, findings = file_of('segment a "50 # off" # real\n  where `a#b` = "# \\" #" # another "one"\n')
    assert not findings
    assert [comment.text for comment in tree.comments] == ["# real", '# another "one"']
    assert [comment.span.line for comment in tree.comments] == [1, 2]
