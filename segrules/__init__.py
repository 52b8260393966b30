"""Customer segments as reviewed text: parsed, checked, explained and evaluated.

>>> import segrules
>>> rules = segrules.load("rulesets/online_retail")  # doctest: +SKIP
>>> rules.check(), rules.show("champions"), rules.run("2011-12-10", "out")  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segrules.diagnostics.errors import BadData as BadData
    from segrules.diagnostics.errors import BadInput as BadInput
    from segrules.diagnostics.errors import BadRules as BadRules
    from segrules.diagnostics.errors import Cancelled as Cancelled
    from segrules.diagnostics.errors import OutputProblem as OutputProblem
    from segrules.diagnostics.errors import SegrulesError as SegrulesError
    from segrules.diagnostics.errors import StrictRefusal as StrictRefusal
    from segrules.diagnostics.errors import UnknownName as UnknownName
    from segrules.diagnostics.finding import Code as Code
    from segrules.diagnostics.finding import Finding as Finding
    from segrules.diagnostics.finding import Related as Related
    from segrules.diagnostics.finding import Severity as Severity
    from segrules.evaluation.held import HeldTables as HeldTables
    from segrules.evaluation.result import Result as Result
    from segrules.explain.clauses import Clause as Clause
    from segrules.lowering.plan import Plan as Plan
    from segrules.proofs.pairs.pair import PairVerdict as PairVerdict
    from segrules.proofs.statements import Proofs as Proofs
    from segrules.proofs.statements import Statement as Statement
    from segrules.proofs.verdict import Answer as Answer
    from segrules.proofs.verdict import Verdict as Verdict
    from segrules.reference.outcome import RankReport as RankReport
    from segrules.testing.result import TestFailure as TestFailure
    from segrules.testing.result import TestResult as TestResult
    from segrules.testing.result import TestRun as TestRun
    from segrules.testing.result import TestStatus as TestStatus
    from segrules.text.span import Span as Span
    from segrules.workspace.assessment.assess import Assessed as Assessed
    from segrules.workspace.assessment.record import Assessment as Assessment
    from segrules.workspace.diffs.changelog import changelog as changelog
    from segrules.workspace.diffs.result import Diff as Diff
    from segrules.workspace.diffs.versions import diff as diff
    from segrules.workspace.fit import FitResult as FitResult
    from segrules.workspace.layout import format_text as format_text
    from segrules.workspace.load import load as load
    from segrules.workspace.named import Named as Named
    from segrules.workspace.overlap import Overlap as Overlap
    from segrules.workspace.ruleset import RuleSet as RuleSet

__version__ = "0.1.0"

_DEFINED_IN = {
    "Answer": "segrules.proofs.verdict",
    "Assessed": "segrules.workspace.assessment.assess",
    "Assessment": "segrules.workspace.assessment.record",
    "BadData": "segrules.diagnostics.errors",
    "BadInput": "segrules.diagnostics.errors",
    "BadRules": "segrules.diagnostics.errors",
    "Cancelled": "segrules.diagnostics.errors",
    "Clause": "segrules.explain.clauses",
    "Code": "segrules.diagnostics.finding",
    "Diff": "segrules.workspace.diffs.result",
    "Finding": "segrules.diagnostics.finding",
    "FitResult": "segrules.workspace.fit",
    "HeldTables": "segrules.evaluation.held",
    "Named": "segrules.workspace.named",
    "OutputProblem": "segrules.diagnostics.errors",
    "Overlap": "segrules.workspace.overlap",
    "PairVerdict": "segrules.proofs.pairs.pair",
    "Plan": "segrules.lowering.plan",
    "Proofs": "segrules.proofs.statements",
    "RankReport": "segrules.reference.outcome",
    "Related": "segrules.diagnostics.finding",
    "Result": "segrules.evaluation.result",
    "RuleSet": "segrules.workspace.ruleset",
    "SegrulesError": "segrules.diagnostics.errors",
    "Severity": "segrules.diagnostics.finding",
    "Span": "segrules.text.span",
    "Statement": "segrules.proofs.statements",
    "StrictRefusal": "segrules.diagnostics.errors",
    "TestFailure": "segrules.testing.result",
    "TestResult": "segrules.testing.result",
    "TestRun": "segrules.testing.result",
    "TestStatus": "segrules.testing.result",
    "UnknownName": "segrules.diagnostics.errors",
    "Verdict": "segrules.proofs.verdict",
    "changelog": "segrules.workspace.diffs.changelog",
    "diff": "segrules.workspace.diffs.versions",
    "format_text": "segrules.workspace.layout",
    "load": "segrules.workspace.load",
}
"""Where the public names are defined: each module is loaded when its name is first used."""


if not TYPE_CHECKING:  # type checkers see the imports above, and so notice a name that is not there

    def __getattr__(name: str) -> object:
        if name not in _DEFINED_IN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_DEFINED_IN[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_DEFINED_IN})
