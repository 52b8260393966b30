"""How a page's output is compared with a command's."""

import pytest

from tests.docs.output import agrees


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("one\ntwo", "one\ntwo\n"),
        ("one", "\none   \n\n"),
        ("", ""),
        ("...", ""),
        ("...", "one\ntwo"),
        ("one\n...", "one"),
        ("one\n...", "one\ntwo\nthree"),
        ("...\nthree", "one\ntwo\nthree"),
        ("...\nthree", "three"),
        ("one\n...\nthree", "one\nthree"),
        ("one\n...\nthree", "one\n2\n2\nthree"),
        ("took ... s", "took 0.3 s"),
        ("a (b) [c]", "a (b) [c]"),
    ],
)
def test_output_as_shown_agrees(shown: str, said: str) -> None:
    assert agrees(shown, said)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("one", "two"),
        ("", "one"),
        ("one", "one\ntwo"),
        ("one\n...\nthree", "one\ntwo"),
        ("one\n...\nthree", "one\nthree\nfour"),
        ("...\nthree", "one three"),
        ("took ... s", "took 0.3\n s"),
    ],
)
def test_other_output_does_not(shown: str, said: str) -> None:
    assert not agrees(shown, said)
