"""The same problems decided by a second solver: CP-SAT, which shares no code with Z3."""

from collections.abc import Sequence
from typing import Any

from ortools.sat.python import cp_model

from segrules.proofs.formulas.logic import All, Constant, Flag, Formula, Linear, Not, Relation, Some, Var, variables

MOST = 10**6
"""Numbers are looked for from minus this to this; counts of rows only to a hundred."""
_ROWS = 100


class TooWide(Exception):
    """A number has no steps, or its range is wider than CP-SAT computes with."""


def satisfiable(formulas: Sequence[Formula]) -> bool | None:
    """Whether formulas can hold together, with numbers that are not too large; None where it gives up."""
    asked = _Asked(formulas)
    for formula in formulas:
        asked.model.add_bool_or([asked.literal(formula)])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = 20
    answer = solver.solve(asked.model)
    if answer in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return True
    return False if answer == cp_model.INFEASIBLE else None


class _Asked:
    def __init__(self, formulas: Sequence[Formula]) -> None:
        self.model = cp_model.CpModel()
        numbers, flags = variables(formulas)
        self._numbers: dict[str, Any] = {var.name: self._number(var) for var in numbers}
        self._flags: dict[str, Any] = {item.name: self.model.new_bool_var(item.name) for item in flags}
        self._literals: dict[Formula, Any] = {}

    def _number(self, var: Var) -> Any:
        if not var.whole:
            raise TooWide(var.name)
        most = _ROWS if _counts_rows(var) else MOST
        low = -most if var.low is None else int(var.low)
        high = most if var.high is None else int(var.high)
        if max(abs(low), abs(high)) > MOST:
            raise TooWide(var.name)
        return self.model.new_int_var(low, high, var.name)

    def literal(self, formula: Formula) -> Any:
        """A truth of the model that is the formula's."""
        found = self._literals.get(formula)
        if found is None:
            found = self._literals[formula] = self._made(formula)
        return found

    def _made(self, formula: Formula) -> Any:
        match formula:
            case Constant():
                return self.model.new_constant(1 if formula.value else 0)
            case Flag():
                return self._flags[formula.name]
            case Not():
                return self.literal(formula.item).negated()
            case All() | Some():
                items = [self.literal(item) for item in formula.items]
                held = self.model.new_bool_var("")
                if isinstance(formula, All):
                    self.model.add_bool_and(items).only_enforce_if(held)
                    self.model.add_bool_or([item.negated() for item in items]).only_enforce_if(held.negated())
                else:
                    self.model.add_bool_or(items).only_enforce_if(held)
                    self.model.add_bool_and([item.negated() for item in items]).only_enforce_if(held.negated())
                return held
            case Linear():
                return self._linear(formula)
            case _:
                raise AssertionError(formula)

    def _linear(self, formula: Linear) -> Any:
        held = self.model.new_bool_var("")
        if sum(abs(coefficient) for coefficient, _ in formula.terms) * MOST > 2**60:
            raise TooWide(formula.key)
        total = sum(coefficient * self._numbers[var.name] for coefficient, var in formula.terms)
        match formula.relation:
            case Relation.LE:
                self.model.add(total <= formula.bound).only_enforce_if(held)
                self.model.add(total > formula.bound).only_enforce_if(held.negated())
            case Relation.LT:
                self.model.add(total < formula.bound).only_enforce_if(held)
                self.model.add(total >= formula.bound).only_enforce_if(held.negated())
            case Relation.EQ:
                self.model.add(total == formula.bound).only_enforce_if(held)
                self.model.add(total != formula.bound).only_enforce_if(held.negated())
        return held


def _counts_rows(var: Var) -> bool:
    """Whether a variable is a number of rows, of a filter or of a cell; totals of cells have a property's name too."""
    return var.name.startswith("n[") or ("#" in var.name and " " not in var.name)
