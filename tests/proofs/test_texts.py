"""Classes of texts against every short text: none is missing, none is made up, and those with one text have one."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrules.ir import nodes as ir
from segrules.ir.nodes import TextOp
from segrules.proofs.texts.automata import Finds, Product
from segrules.proofs.texts.classes import Listed, Passes, Predicate, TextClass, asked, classes, followed
from segrules.proofs.texts.patterns import NotRegular, places
from segrules.semantics.patterns import bad_pattern
from segrules.text.span import NOWHERE
from segrules.types.types import TextType

LETTERS = "abAé\n"
SHORT = ["".join(letters) for size in range(5) for letters in product(LETTERS, repeat=size)]

_texts = st.text(alphabet="abABé", max_size=3)
_listed = st.builds(Listed, st.lists(_texts, min_size=1, max_size=4).map(tuple), st.booleans())
_tested = st.builds(
    Passes, st.sampled_from([TextOp.STARTS, TextOp.ENDS, TextOp.CONTAINS]), _texts, ignoring_case=st.booleans()
)
_atoms = st.sampled_from(
    ["a", "b", "A", "é", ".", "[ab]", "[^a]", "[A-Z]", "\\w", "\\W", "\\d", "\\s", "\\S", "\\.", "", "\\n", "[^\\w]"]
)
_parts = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{1,}", "*?"])),
    ),
    max_leaves=5,
)
_patterns = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "^", "\\A", "\\b"]),
    _parts,
    st.sampled_from(["", "", "\\b"]),
    _parts,
    st.sampled_from(["", "$", "\\z", "$|^b", "\\b"]),
)
_matched = st.builds(Passes, st.just(TextOp.MATCHES), _patterns, ignoring_case=st.booleans())


def signs(predicates: list[Predicate], text: str) -> tuple[bool, ...]:
    """What the interpreter says of a text."""
    return tuple(predicate.holds(text) for predicate in predicates)


def check(predicates: list[Predicate], found: tuple[TextClass, ...]) -> None:
    """Compares classes with all short texts."""
    by_signs = {one.signs: one for one in found}
    assert len(by_signs) == len(found)
    seen: dict[tuple[bool, ...], set[str]] = {}
    for text in SHORT:
        seen.setdefault(signs(predicates, text), set()).add(text)
    assert seen.keys() <= by_signs.keys()
    for one in found:
        assert signs(predicates, one.example) == one.signs
        assert one.example != one.another
        if one.another is None:
            assert seen.get(one.signs, set()) <= {one.example}
        else:
            assert signs(predicates, one.another) == one.signs


@given(st.lists(st.one_of(_listed, _tested), max_size=4))
@settings(max_examples=150)
def test_no_short_text_is_without_its_class(predicates: list[Predicate]) -> None:
    found = classes(predicates)
    assert found is not None
    check(predicates, found)


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("text", ["a", "aa", "ab", "aabaaa", "ababc", "abaabab", ""])
def test_a_text_that_overlaps_itself_is_found(text: str, at_end: bool) -> None:
    automata = Product([Finds(text, at_end, folds=False)], 100)
    for letters in product("abc" if len(text) < 6 else "ab", repeat=9 if len(text) < 6 else 11):
        read = "".join(letters)
        assert automata.read(read) == (read.endswith(text) if at_end else text in read,)


@given(_matched, st.lists(st.one_of(_listed, _tested), max_size=2))
@settings(max_examples=60)
def test_patterns_are_read_as_the_engine_reads_them(pattern: Passes, others: list[Predicate]) -> None:
    predicates = [pattern, *others]
    found = classes(predicates)
    assert found is not None
    check(predicates, found)


@given(st.lists(st.one_of(_listed, _tested, _matched), max_size=4), st.lists(_texts, max_size=6))
def test_of_a_closed_list_each_value_is_in_its_class(predicates: list[Predicate], values: list[str]) -> None:
    found = classes(predicates, values)
    assert found is not None
    assert {one.signs for one in found} == {signs(predicates, value) for value in values}
    for one in found:
        alike = {value for value in values if signs(predicates, value) == one.signs}
        assert {one.example, one.another} - {None} <= alike
        assert one.only == (len(alike) == 1)


@pytest.mark.parametrize(
    ("predicates", "only"),
    [
        ([Listed(("DE",))], ["DE"]),
        ([Listed(("DE",), ignoring_case=True)], []),
        ([Listed(("42",), ignoring_case=True)], ["42"]),
        ([Listed(("de",), ignoring_case=True), Passes(TextOp.MATCHES, "^[A-Z]*$")], ["DE"]),
        ([Listed(("a", "b", "c")), Passes(TextOp.MATCHES, "^[a-d]$")], ["d"]),
        ([Passes(TextOp.STARTS, "ab"), Passes(TextOp.ENDS, "bc"), Passes(TextOp.MATCHES, "^.{3}$")], ["abc"]),
        ([Passes(TextOp.MATCHES, "^$")], [""]),
        ([Passes(TextOp.MATCHES, "^.*$"), Passes(TextOp.MATCHES, "^(.|\\n)?$")], ["\n"]),
    ],
)
def test_classes_of_one_text(predicates: list[Predicate], only: list[str]) -> None:
    found = classes(predicates)
    assert found is not None
    assert sorted(one.example for one in found if one.only) == sorted(only)


def test_what_excludes_each_other_has_no_class() -> None:
    found = classes(
        [
            Passes(TextOp.STARTS, "staff"),
            Passes(TextOp.STARTS, "guest"),
            Passes(TextOp.CONTAINS, "TAF", ignoring_case=True),
            Listed(("staffroom", "guest")),
        ]
    )
    assert found is not None
    assert [one.signs for one in found] == [
        (False, False, False, False),
        (False, False, True, False),
        (False, True, False, False),
        (False, True, False, True),
        (False, True, True, False),
        (True, False, True, False),
        (True, False, True, True),
    ]
    assert [one.example for one in found] == ["other", "TAF", "guesta", "guest", "guestaf", "staff", "staffroom"]


def test_a_long_list_has_one_example_for_each_class() -> None:
    entries = tuple(f"User{number}@Shop{number % 7}.example" for number in range(10_000))
    for ignoring_case in (False, True):
        predicates: list[Predicate] = [
            Listed(entries, ignoring_case),
            Passes(TextOp.STARTS, "User1"),
            Passes(TextOp.ENDS, "3.example"),
            Listed(("User3@Shop3.example", "nobody")),
        ]
        found = classes(predicates)
        assert found is not None
        assert {one.signs for one in found} == {
            *product([False, True], [False, True], [False, True], [False]),
            (True, False, True, True),
            (False, False, False, True),
        }
        assert {one.example for one in found if one.only} == {"User3@Shop3.example", "nobody"}


def test_more_classes_than_the_limit_are_none() -> None:
    words = ["abc", "dba", "axx", "foo", "bar", "gold", "vip", "xyz", "opq", "rst", "uvw", "kjk", "mno"]
    assert classes([Passes(TextOp.CONTAINS, word) for word in words]) is None
    assert classes([Listed((word,)) for word in words]) is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "(?i)a",
        "a\\B",
        "[[:alpha:]]",
        "\\pL",
        "(?P<x>a)",
        "a{2,1}",
        "(^a)*",
        "a{1000}",
        "[a-\\d]",
        "\\Qa\\E",
        "*a",
        "(a",
    ],
)
def test_other_patterns_are_left_alone(pattern: str) -> None:
    with pytest.raises(NotRegular):
        places(pattern)
    predicate = Passes(TextOp.MATCHES, pattern)
    assert not followed(predicate)
    assert classes([predicate]) is None


@given(st.text(alphabet="ab^$.|()[]*+?{}\\-,12dwSzA", max_size=8))
@settings(max_examples=400)
def test_whatever_is_followed_is_a_pattern_and_means_what_it_means_to_the_engine(pattern: str) -> None:
    predicate = Passes(TextOp.MATCHES, pattern)
    if bad_pattern(pattern, NOWHERE) is None and predicate.automaton is not None:
        found = classes([predicate])
        assert found is not None
        possible = {one.signs for one in found}
        assert {(predicate.holds(text),) for text in ["", "a", "ab", "1", "b\n", "-", "$a", "wS", "\\"]} <= possible


@pytest.mark.parametrize(
    "letters", ["\\d", "\\D", "\\w", "\\W", "\\s", "\\S", ".", "[^a-c]", "[\\d_-]", "[^\\W\\d]", "[+--]"]
)
@pytest.mark.parametrize("ignoring_case", [False, True])
def test_sets_of_letters_are_those_of_the_engine(letters: str, ignoring_case: bool) -> None:
    predicate = Passes(TextOp.MATCHES, f"^{letters}$", ignoring_case)
    assert predicate.automaton is not None
    automata = Product([predicate.automaton], 100)
    for letter in map(chr, (*range(0x180), 0x2028, 0x212A, 0x10FFFF)):
        assert automata.read(letter) == (predicate.holds(letter),)


TEXT = TextType()
NAME = ir.Attribute("name", TEXT)


def _literal(text: str) -> ir.Literal:
    return ir.Literal(text, TEXT)


def test_conditions_are_asked_as_predicates() -> None:
    one = _literal("a")
    assert asked(ir.Compare(ir.CompareOp.EQ, NAME, one)) == (NAME, Listed(("a",)), True)
    assert asked(ir.Compare(ir.CompareOp.NE, one, NAME, True)) == (NAME, Listed(("a",), True), False)
    assert asked(ir.OneOf(NAME, (one, _literal("b")), negated=True)) == (NAME, Listed(("a", "b")), False)
    assert asked(ir.InListFile(NAME, "x.csv", frozenset(("b", "a")))) == (NAME, Listed(("a", "b")), True)
    assert asked(ir.TextTest(TextOp.ENDS, NAME, "b", True)) == (NAME, Passes(TextOp.ENDS, "b", True), True)
    assert asked(ir.Compare(ir.CompareOp.EQ, NAME, NAME)) is None
    assert asked(ir.IsKnown(NAME)) is None
