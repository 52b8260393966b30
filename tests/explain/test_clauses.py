"""The tree of clauses: every node of the typed tree is told, with the values that decide it."""

from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from segrules.explain.clauses import (
    Answer,
    Clause,
    answer_words,
    clause_json,
    clause_pieces,
    condition_clause,
    segment_clause,
)
from segrules.ir import nodes as ir
from segrules.ir.rules import ConsentClause, Rules, Segment
from segrules.ir.walk import conditions_of, descendants
from segrules.types.types import FloatType, IntegerType, MoneyType
from tests.explain.project import rules_of
from tests.language.cases import HERE, read


@dataclass
class Same:
    """The same answer to everything."""

    truths: bool | None
    values: Answer

    def truth(self, condition: ir.Condition) -> bool | None:
        return self.truths

    def value(self, value: ir.Value) -> Answer:
        return self.values

    def granted(self, clause: ConsentClause, segment: Segment) -> bool:
        return self.truths is True

    def suppressed(self, name: str) -> bool:
        return self.truths is not True


def _everything() -> Rules:
    rules, _ = read([(HERE / "everything.seg").read_text(encoding="utf-8")])
    return rules


def _all(clause: Clause) -> list[Clause]:
    return [clause, *(deeper for part in clause.below for deeper in _all(part))]


@pytest.mark.parametrize("truth", [True, False, None])
def test_every_kind_of_condition_is_told(truth: bool | None) -> None:
    rules = _everything()
    answers = Same(truth, Answer((), "missing"))
    roots = [item.body for item in rules.definitions.values() if isinstance(item.body, ir.Condition)]
    roots += [condition for segment in rules.segments.values() for condition in conditions_of(segment)]
    roots += [stage.condition for partition in rules.partitions.values() for stage in partition.stages]
    kinds = set()
    for root in roots:
        kinds |= {type(node) for node in descendants(root)}
        clause = condition_clause(rules, root, answers)
        assert all(part.words and part.truth is truth for part in _all(clause))
        assert "".join(piece.text for piece in clause_pieces(clause)).count("\n") >= len(_all(clause))
        assert clause_json(clause)["truth"] is truth
    assert set(get_args(ir.Condition)) - kinds <= {ir.Fixed, ir.Defined}
    assert set(get_args(ir.Value)) - kinds <= {ir.YearsSince}


def test_a_segment_with_all_that_binds_it(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        """
        define spend as total of purchase.amount in the last 30 days
        define big as spend >= 5 GBP or tier = "gold"
        segment other where country = "DE"
        segment one
          where big and in segment other
          except staff
          eligible age >= 18
          consent email
        """,
    )
    clause = segment_clause(rules, "one", Same(None, Answer((3,))))
    assert [part.words for part in clause.below] == [
        "where: `big`",
        "where: qualifies for `other`",
        "except staff: `staff` is false",
        "eligible: `age` is at least 18",
        "consent: consent for `email`",
        "not on the suppression list `bounced`",
    ]
    assert clause.truth is False
    big = clause.below[0]
    assert [part.words for part in big.below[0].below] == ["`spend` is at least 5 GBP", '`tier` is "gold"']
    (spend,) = big.below[0].below[0].values
    assert (spend.words, spend.shown) == ("`spend`", "3 GBP")


def test_what_is_named_twice_is_followed_once(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "define a as staff\nsegment one where a or not a")
    clause = segment_clause(rules, "one", Same(True, Answer((True,))))
    (where, *_) = clause.below
    assert [(part.words, len(part.below)) for part in where.below] == [("`a`", 1), ("not `a`", 0)]


def test_a_tree_has_an_end(tmp_path: Path) -> None:
    many = " or ".join(f"age = {number}" for number in range(2000))
    rules = rules_of(tmp_path, f"segment one where {many}")
    clause = segment_clause(rules, "one", Same(False, Answer((1,))))
    assert clause.below[0].below[-1].words.startswith("… and 1")
    assert len(_all(clause)) < 500


def test_answers_in_words() -> None:
    assert answer_words(Answer((), "missing"), IntegerType(), "UTC") == "missing"
    assert answer_words(Answer((3,)), MoneyType("GBP"), "UTC") == "3 GBP"
    assert answer_words(Answer((1, 2)), IntegerType(), "UTC") == "one of 1, 2 (rows in doubt)"
    assert answer_words(Answer((float("inf"),)), FloatType(), "UTC") == "infinite"
