"""What a run needs and this version does not evaluate."""

from dataclasses import replace

from segrules.evaluation.needed import cut_down, reach
from segrules.evaluation.unevaluated import unevaluated
from segrules.ir.catalogue import Cap
from segrules.ir.nodes import (
    Band,
    Compare,
    CompareOp,
    Condition,
    Defined,
    InSegment,
    InStage,
    Literal,
    Not,
    UnevaluatedCondition,
    UnevaluatedValue,
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
from segrules.types.types import IntegerType
from tests.evaluation.build import partition, rules, segment, span

LATER = UnevaluatedCondition("then", (), span(7))


def needed(made: Rules, *names: str) -> list[str]:
    findings = unevaluated(made, reach(made, names, made.partitions))
    assert all(item.code.number == "SEG701" and item.severity == "error" for item in findings)
    return [f"{item.message} at {item.span}" for item in findings]


def with_where(name: str, where: Condition) -> Segment:
    return segment(name, where=where)


def test_a_construct_of_a_chosen_segment_is_found_in_every_clause() -> None:
    said = ["`then` is not yet evaluated, and segment `a` needs it at a.seg:7:1"]
    plain = segment("a")
    for made in (
        replace(plain, where=Not(LATER)),
        replace(plain, excepts=(Exclusion("x", LATER, inherited=False),)),
        replace(plain, eligible=(Eligibility(LATER, inherited=True),)),
    ):
        assert needed(rules([made]), "a") == said


def test_other_segments_do_not_matter() -> None:
    assert needed(rules([segment("a"), replace(with_where("b", LATER))]), "a") == []


def test_names_are_followed() -> None:
    made = replace(
        rules(
            [
                with_where("by_define", Defined("d")),
                with_where("by_segment", InSegment("draft")),
                segment("draft", Status.DRAFT, where=LATER),
                with_where(
                    "by_score",
                    Compare(CompareOp.EQ, Band("s", "r", IntegerType()), Literal(1, IntegerType())),
                ),
            ]
        ),
        definitions={"d": Definition("d", None, LATER, is_condition=True)},
        scores={
            "s": Score(
                "s",
                None,
                None,
                None,
                {"r": Rank("r", UnevaluatedValue("median days between", (), IntegerType()), Bands(Direction.LOW, 5))},
            )
        },
    )
    assert "define `d`" in needed(made, "by_define")[0]
    assert "segment `draft`" in needed(made, "by_segment")[0]
    assert "score `s`" in needed(made, "by_score")[0]
    assert needed(made) == []


def test_partitions_always_count_and_cycles_end() -> None:
    made = rules([with_where("a", InStage("p", "first"))], [partition("p", InSegment("a")), partition("q", LATER)])
    assert needed(made) == needed(made, "a")
    assert "partition `q`" in needed(made)[0]


def test_a_cap_counts_where_its_segment_is_run_only() -> None:
    capped = replace(segment("a"), caps=(Cap(None, (), LATER),))
    made = rules([capped, with_where("b", InSegment("a"))])
    assert needed(made, "a") == ["`then` is not yet evaluated, and a cap of segment `a` needs it at a.seg:7:1"]
    assert needed(made, "b") == []


def test_rules_are_cut_down_to_what_is_needed() -> None:
    made = replace(
        rules(
            [with_where("a", Defined("d")), with_where("b", LATER)], [partition("p", InSegment("a")), partition("q")]
        ),
        definitions={
            "d": Definition("d", None, InStage("p", "first"), is_condition=True),
            "e": Definition("e", None, LATER, is_condition=True),
        },
    )
    reached = reach(made, ["a"], [])
    assert reached == (("define", "d"), ("partition", "p"), ("segment", "a"))
    kept = cut_down(made, reached)
    assert (list(kept.definitions), list(kept.segments), list(kept.partitions)) == (["d"], ["a"], ["p"])
    assert needed(kept, "a") == []
