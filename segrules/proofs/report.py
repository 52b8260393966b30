"""Proofs into a line for people and JSON values for programs."""

from typing import Any

from segrules.ir.rules import Rules
from segrules.proofs.findings import evidence
from segrules.proofs.formulas.calendar import FIRST_DAY, LAST_DAY
from segrules.proofs.statements import Grid, Kind, Proofs, Statement
from segrules.proofs.verdict import Answer, Clause
from segrules.text.span import Span

_PROMISES = (Kind.EXCLUSIVE, Kind.COVERS, Kind.SUBSET, Kind.POLICY)


def proofs_line(proofs: Proofs) -> str:
    """How many promises hold, and how many questions of all are undecided, with the reasons.

    A promise is what a group declares or a policy requires of one segment.
    """
    promises = [item for item in proofs.statements if item.kind in _PROMISES]
    kept = sum(item.verdict.answer is Answer.PROVED for item in promises)
    parts = []
    if promises:
        every = "for every day" if proofs.as_of is None else f"as of {proofs.as_of:%Y-%m-%d}"
        parts.append(f"{kept} of {len(promises)} promises proved {every}")
    undecided = proofs.count(Answer.UNDECIDED)
    reasons = ", ".join(f"{reason} {count}" for reason, count in proofs.undecided())
    parts.append(
        f"{undecided} of {len(proofs.statements)} questions undecided ({reasons})"
        if undecided
        else f"all {len(proofs.statements)} questions decided"
    )
    return f"proofs: {'; '.join(parts)}"


def proofs_json(proofs: Proofs, rules: Rules) -> dict[str, Any]:
    """All statements with verdicts, places and witnesses."""
    return {
        "as_of": [FIRST_DAY.isoformat(), LAST_DAY.isoformat()] if proofs.as_of is None else proofs.as_of.isoformat(),
        "counts": {answer.value: proofs.count(answer) for answer in Answer},
        "undecided": {reason.value: count for reason, count in proofs.undecided()},
        "statements": [_statement(item, rules) for item in proofs.statements],
        "grids": [_grid(item) for item in proofs.grids],
    }


def _statement(item: Statement, rules: Rules) -> dict[str, Any]:
    verdict = item.verdict
    shown = None if verdict.witness is None else evidence(verdict.witness, rules)
    return {
        "kind": item.kind.name.lower(),
        "names": list(item.names),
        "text": item.text,
        "answer": verdict.answer.value,
        "reason": None if verdict.reason is None else verdict.reason.value,
        "premises": list(verdict.premises),
        "vacuous": item.vacuous,
        "core": [_clause(clause) for clause in verdict.core],
        "witness": None if shown is None else dict(shown.content),
        **_place(item.span),
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {"segment": clause.segment, "what": clause.what, **_place(clause.span)}


def _grid(grid: Grid) -> dict[str, Any]:
    return {
        "partition": grid.partition,
        "ranks": list(grid.ranks),
        "cells": grid.cells,
        "several": grid.several,
        "none": grid.none,
    }


def _place(span: Span) -> dict[str, Any]:
    return {"path": span.path, "line": span.line, "column": span.column}
