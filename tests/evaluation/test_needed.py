"""What a run reaches: the names that its segments and partitions need."""

from dataclasses import replace

from segrules.evaluation.needed import cut_down, nodes_of, reach
from segrules.ir.catalogue import Cap
from segrules.ir.nodes import (
    Attribute,
    Band,
    Compare,
    CompareOp,
    Condition,
    Defined,
    InSegment,
    InStage,
    IsTrue,
    Literal,
    Not,
)
from segrules.ir.rules import (
    Bands,
    Definition,
    Direction,
    Eligibility,
    Exclusion,
    Rank,
    Rules,
    Score,
    Segment,
    Status,
)
from segrules.types.types import BooleanType, IntegerType
from tests.evaluation.build import partition, rules, segment

VALUE = Attribute("sought", BooleanType())
SOUGHT = IsTrue(VALUE)


def needed(made: Rules, *names: str) -> list[str]:
    """Where in what is reached the value stands that is sought."""
    reached = reach(made, names, made.partitions)
    return [f"{kind} {name}" for kind, name in reached if VALUE in nodes_of(made, (kind, name))]


def with_where(name: str, where: Condition) -> Segment:
    return segment(name, where=where)


def test_every_clause_of_a_chosen_segment_is_reached() -> None:
    plain = segment("a")
    for made in (
        replace(plain, where=Not(SOUGHT)),
        replace(plain, excepts=(Exclusion("x", SOUGHT, inherited=False),)),
        replace(plain, eligible=(Eligibility(SOUGHT, inherited=True),)),
    ):
        assert needed(rules([made]), "a") == ["segment a"]


def test_other_segments_do_not_matter() -> None:
    assert needed(rules([segment("a"), replace(with_where("b", SOUGHT))]), "a") == []


def test_names_are_followed() -> None:
    made = replace(
        rules(
            [
                with_where("by_define", Defined("d")),
                with_where("by_segment", InSegment("draft")),
                segment("draft", Status.DRAFT, where=SOUGHT),
                with_where(
                    "by_score",
                    Compare(CompareOp.EQ, Band("s", "r", IntegerType()), Literal(1, IntegerType())),
                ),
            ]
        ),
        definitions={"d": Definition("d", None, SOUGHT, is_condition=True)},
        scores={
            "s": Score(
                "s",
                None,
                None,
                None,
                {"r": Rank("r", VALUE, Bands(Direction.LOW, 5))},
            )
        },
    )
    assert needed(made, "by_define") == ["define d"]
    assert needed(made, "by_segment") == ["segment draft"]
    assert needed(made, "by_score") == ["score s"]
    assert needed(made) == []


def test_partitions_always_count_and_cycles_end() -> None:
    made = rules([with_where("a", InStage("p", "first"))], [partition("p", InSegment("a")), partition("q", SOUGHT)])
    assert needed(made) == needed(made, "a")
    assert needed(made) == ["partition q"]


def test_a_cap_counts_where_its_segment_is_run_only() -> None:
    capped = replace(segment("a"), caps=(Cap(None, (), SOUGHT),))
    made = rules([capped, with_where("b", InSegment("a"))])
    assert needed(made, "a") == ["caps a"]
    assert needed(made, "b") == []


def test_rules_are_cut_down_to_what_is_needed() -> None:
    made = replace(
        rules(
            [with_where("a", Defined("d")), with_where("b", SOUGHT)], [partition("p", InSegment("a")), partition("q")]
        ),
        definitions={
            "d": Definition("d", None, InStage("p", "first"), is_condition=True),
            "e": Definition("e", None, SOUGHT, is_condition=True),
        },
    )
    reached = reach(made, ["a"], [])
    assert reached == (("define", "d"), ("partition", "p"), ("segment", "a"))
    kept = cut_down(made, reached)
    assert (list(kept.definitions), list(kept.segments), list(kept.partitions)) == (["d"], ["a"], ["p"])
    assert needed(kept, "a") == []
