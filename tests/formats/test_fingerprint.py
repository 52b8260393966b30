"""Fingerprints of lines are those that GitHub works out itself."""

import pytest

from segrules.cli.formats.fingerprint import line_hashes

ENDED = (
    "e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1", "e20e36e16fcb0cc8:1", "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1", "c129715d7a2bc9a3:1",
)  # fmt: skip


# Texts and hashes of the tests of github/codeql-action, `src/fingerprints.test.ts`.
@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", ("c129715d7a2bc9a3:1",)),
        (" a\nb\n  \t\tc\n d", ("271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1")),
        (
            " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
            (
                "8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1", "c6805c5e1288b612:1",
                "b86d3392aea1be30:1", "e6ceba753e1a442:1",
            ),
        ),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", ENDED),
        (
            "Lorem ipsum dolor sit amet.\n" * 10,
            (
                *(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)),
                "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1", "55ec222b86bcae53:1", "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1",
            ),
        ),
    ],
)  # fmt: skip
def test_hashes_are_those_of_github(text: str, hashes: tuple[str, ...]) -> None:
    assert line_hashes(text) == hashes


def test_a_line_keeps_its_hash_when_it_moves() -> None:
    rule = "segment big\n  where age >= 18\n" + "".join(f"segment s{number} where age = 1\n" for number in range(9))
    assert line_hashes("# first\n\n" + rule)[2:] == line_hashes(rule)


def test_characters_beyond_the_first_plane_are_two_units() -> None:
    assert line_hashes("\U0001f600") == line_hashes("\ud83d\ude00")
