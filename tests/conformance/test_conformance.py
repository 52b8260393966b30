"""Every engine sits the conformance files: rows and rules in, expected customers out."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segrules.ir.rules import Rules
from segrules.reference.outcome import Outcome
from segrules.testing.result import TestResult, TestStatus
from segrules.testing.results import run_tests
from segrules.types.cells import Key, Tables
from tests.conformance.cases import Case, all_cases, bind_rules, catalogue_of, errors, instant, tables_of

Engine = Callable[[Rules, Tables, datetime, Collection[str]], Outcome]


class Stopped(Exception):
    """An engine refuses the data; holds the kebab-case names of its findings."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def _reference(rules: Rules, tables: Tables, as_of: datetime, segments: Collection[str]) -> Outcome:
    from segrules.reference.evaluate import evaluate
    from segrules.reference.problems import DataProblem

    try:
        return evaluate(rules, tables, as_of, segments)
    except DataProblem as problem:
        raise Stopped([item.code.name for item in problem.findings]) from problem


def _arrow(rules: Rules, tables: Tables, as_of: datetime, segments: Collection[str], *, held: bool = False) -> Outcome:
    from segrules.reference.problems import DataProblem
    from tests.engine.harness import engine_outcome
    from tests.engine.layouts import TableLayout, lay_out

    catalogue = rules.catalogue
    laid_out = {
        name: lay_out(catalogue.tables[name], columns, TableLayout(), catalogue.zone)
        for name, columns in tables.items()
    }
    try:
        return engine_outcome(rules, laid_out, as_of, segments, held=held)
    except DataProblem as problem:
        raise Stopped([item.code.name for item in problem.findings]) from problem


ENGINES: Mapping[str, Engine] = {"reference": _reference, "arrow": _arrow, "arrow, held": partial(_arrow, held=True)}
"""Every engine by name; one more line here and it sits all cases."""

_TEST = re.compile(r"^test ", re.MULTILINE)
CASES = [pytest.param(case, id=f"{case.file[:-5]}: {case.name}") for case in all_cases()]


@pytest.mark.parametrize("case", CASES)
def test_the_rules_of_a_case_bind(case: Case) -> None:
    rules, findings = bind_rules(case)
    assert bool(rules.tests) is bool(_TEST.search(case.rules))
    refused = case.expect.get("refused")
    if refused is None:
        assert errors(findings) == []
    else:
        assert [name for name in errors(findings) if name.startswith(f"{refused}:")], errors(findings)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", [param for param in CASES if "refused" not in param.values[0].expect])  # type: ignore[union-attr]
def test_an_engine_agrees(case: Case, engine: str) -> None:
    catalogue = catalogue_of(case)
    rules, _ = bind_rules(case)
    as_of = instant(case.as_of, ZoneInfo(catalogue.zone))
    tables = tables_of(case, catalogue)
    if "stops" in case.expect:
        with pytest.raises(Stopped) as caught:
            ENGINES[engine](rules, tables, as_of, list(rules.segments))
        assert case.expect["stops"] is True or case.expect["stops"] in caught.value.names
        return
    outcome = ENGINES[engine](rules, tables, as_of, list(rules.segments))
    assert _seen(outcome, case.expect) == _expected(case.expect)


@pytest.mark.parametrize("case", [param for param in CASES if _TEST.search(param.values[0].rules)])  # type: ignore[union-attr]
def test_the_tests_of_a_case_end_as_expected(case: Case) -> None:
    rules, _ = bind_rules(case)
    assert rules.tests
    results = run_tests(rules, rules.tests).results
    assert {item.title: str(item) for item in results if item.status is not _ending(case, item)} == {}


def _ending(case: Case, result: TestResult) -> TestStatus:
    return TestStatus(case.expect.get("tests", {}).get(result.title, "passed"))


def test_every_point_has_a_file_of_its_own() -> None:
    files = {(case.point, case.file[:2]) for case in all_cases()}
    assert files == {(point, f"{point:02}") for point in range(1, 16)}


def test_names_of_cases_are_unique() -> None:
    names = [(case.file, case.name) for case in all_cases()]
    assert sorted(set(names)) == sorted(names)


# --- what was expected, what was seen -------------------------------------------------------------


def _expected(expect: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, told in expect.get("segments", {}).items():
        lists = {"qualifying": told} if isinstance(told, list) else told
        qualifying = lists.get("qualifying", lists.get("members", []))
        shown[name] = {
            "qualifying": set(qualifying),
            "unknown": set(lists.get("unknown", [])),
            "members": set(lists.get("members", qualifying)),
            "held_out": set(lists["held_out"]) if "held_out" in lists else None,
        }
    shown |= dict(expect.get("partitions", {}))
    if "ignored" in expect:
        shown["ignored"] = sorted((row["event"], row["reason"], row["count"]) for row in expect["ignored"])
    if "figures" in expect:
        parts = ("counted", "without_value", "in_doubt")
        shown["figures"] = {(str(row["value"]), *(row[part] for part in parts)) for row in expect["figures"]}
    for rank, report in expect.get("ranks", {}).items():
        shown[f"ranks: {rank}"] = (report["scored"], report["without_value"])
    return shown


def _seen(outcome: Outcome, expect: Mapping[str, Any]) -> dict[str, Any]:
    def where(flags: tuple[bool | None, ...], wanted: bool | None) -> set[Key]:
        return {key for key, flag in zip(outcome.keys, flags, strict=True) if flag is wanted}

    shown: dict[str, Any] = {}
    for name in expect.get("segments", {}):
        shown[name] = {
            "qualifying": where(outcome.qualifying[name], True),
            "unknown": where(outcome.qualifying[name], None),
            "members": where(outcome.members[name], True),
            "held_out": where(outcome.held_out[name], True) if name in outcome.held_out else None,
        }
    for name in expect.get("partitions", {}):
        shown[name] = dict(zip(outcome.keys, outcome.partitions[name], strict=True))
    if "ignored" in expect:
        shown["ignored"] = sorted((item.event, item.reason.value, item.count) for item in outcome.ignored)
    if "figures" in expect:
        shown["figures"] = {
            (str(item.value), item.counted, item.without_value, item.in_doubt) for item in outcome.figures
        }
    for rank in expect.get("ranks", {}):
        score, of = rank.split(".")
        report = outcome.ranks[score][of]
        shown[f"ranks: {rank}"] = (report.scored, report.without_value)
    return shown
