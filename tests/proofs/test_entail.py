"""Two tests of one text: what is said of them holds of texts, and keeps segments apart."""

import pytest

from segrules.ir import nodes as ir
from segrules.proofs.boxes.boxes import Boxes
from segrules.proofs.boxes.clashes import Clashes
from segrules.proofs.encoding.meanings import TextTested
from segrules.proofs.encoding.text_tests import passes
from segrules.proofs.formulas.logic import Flag, Not, Some, flag, no
from segrules.proofs.texts.entail import entailments
from segrules.types.types import TextType

COUNTRIES = ("AT", "DE", "GB", "IE")
TEXTS = ("", "Bad Ems", "bad", "Bad", "Ems", "London", "New London", "Londonderry")


def country(*names: str) -> Flag:
    of = TextType(COUNTRIES)
    choices = tuple(ir.Literal(name, of) for name in names)
    return flag(f"country {names}", TextTested("country", COUNTRIES, ir.OneOf(ir.Property("", of), choices)))


def town(op: ir.TextOp, pattern: str, *, folded: bool = False) -> Flag:
    test = ir.TextTest(op, ir.Property("", TextType()), pattern, folded)
    return flag(f"town {op} {pattern} {folded}", TextTested("town", None, test))


COUNTRY_TESTS = (country("DE"), country("AT"), country("DE", "AT"), country("DE", "AT", "GB"), country("GB", "IE"))
TOWN_TESTS = (
    town(ir.TextOp.STARTS, "Bad"),
    town(ir.TextOp.STARTS, "bad", folded=True),
    town(ir.TextOp.CONTAINS, "London"),
    town(ir.TextOp.ENDS, "don"),
    town(ir.TextOp.STARTS, "London"),
)


def disjoint(one: Flag | Not, other: Flag | Not) -> bool:
    facts = list(entailments((*COUNTRY_TESTS, *TOWN_TESTS)))
    return bool(Clashes(Boxes([one, other], (), facts).of).disjoint()[0, 1])


@pytest.mark.parametrize(("tests", "texts"), [(COUNTRY_TESTS, COUNTRIES), (TOWN_TESTS, TEXTS)])
def test_no_text_is_against_a_fact(tests: tuple[Flag, ...], texts: tuple[str, ...]) -> None:
    facts = list(entailments(tests))
    assert facts
    for text in texts:
        for fact in facts:
            assert isinstance(fact, Some)
            signs = [(item.item, False) if isinstance(item, Not) else (item, True) for item in fact.items]
            assert any(holds(item, text) is sign for item, sign in signs), (fact, text)


def holds(item: object, text: str) -> bool:
    assert isinstance(item, Flag)
    assert isinstance(item.meaning, TextTested)
    return passes(item.meaning.test, text)


def test_lists_without_a_common_value_are_disjoint() -> None:
    german, austrian, both, most, islands = COUNTRY_TESTS
    assert disjoint(german, austrian)
    assert disjoint(both, islands)
    assert not disjoint(most, islands)
    assert disjoint(german, no_(both))


def test_texts_that_begin_alike() -> None:
    bad, folded, london, don, begins = TOWN_TESTS
    assert disjoint(bad, begins)
    assert disjoint(bad, no_(folded))
    assert disjoint(begins, no_(london))
    assert not disjoint(london, no_(don))
    assert not disjoint(bad, london)


def no_(item: Flag) -> Not:
    opposite = no(item)
    assert isinstance(opposite, Not)
    return opposite
