"""Formulas decided by Z3: satisfied with which numbers, or by nothing, and then which parts conflict.

A question is written as SMT-LIB text, which Z3 reads many times faster than terms are built from Python. The budget
is a number of steps, not of seconds, so that answers are the same on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from segrules.proofs.formulas.logic import All, Constant, Flag, Formula, Linear, Not, Relation, Some, Var, variables

if TYPE_CHECKING:
    import z3

BUDGET = 4_000_000
"""Steps for one question; the hardest of the measured ones take a tenth."""
_SECONDS = 120
"""After so long a question is given up on whatever machine; no answer has ever depended on it."""


@dataclass(frozen=True, slots=True)
class Model:
    """Numbers and truths that satisfy a question; what is not named may be anything."""

    numbers: Mapping[str, int | Fraction]
    flags: Mapping[str, bool]

    def number(self, var: Var) -> int | Fraction:
        """The number of a variable; for what may be anything, the one nearest to nothing."""
        found = self.numbers.get(var.name)
        if found is not None:
            return found
        low = 0 if var.low is None else max(0, var.low)
        return low if var.high is None else min(low, var.high)

    def flag(self, name: str) -> bool:
        """Whether a flag holds."""
        return self.flags.get(name, False)

    def holds(self, formula: Formula) -> bool:
        """Whether a formula holds."""
        match formula:
            case Constant():
                return formula.value
            case Flag():
                return self.flag(formula.name)
            case Not():
                return not self.holds(formula.item)
            case All():
                return all(self.holds(item) for item in formula.items)
            case Some():
                return any(self.holds(item) for item in formula.items)
            case Linear():
                total = sum(coefficient * self.number(var) for coefficient, var in formula.terms)
                if formula.relation is Relation.EQ:
                    return total == formula.bound
                return total < formula.bound if formula.relation is Relation.LT else total <= formula.bound
            case _:
                raise AssertionError(formula)  # invariant: there are no other formulas


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing satisfies a question: these of the assumptions conflict, by place, no fewer of them."""

    core: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The budget was spent."""


Decision = Model | Conflict | GivenUp


def decide(
    facts: Sequence[Formula],
    assumptions: Sequence[Formula] = (),
    *,
    small: Sequence[Formula] = (),
    minimal: bool = False,
    budget: int = BUDGET,
) -> Decision:
    """Whether facts and assumptions can hold together.

    Args:
        facts: what holds; a conflict does not name them.
        assumptions: what else is to hold; a conflict names those that take part.
        small: wishes for a model that is easy to read, in order: the first ones are given up first.
        minimal: whether no assumption may be left out of a conflict.
        budget: how many steps may be taken.
    """
    import z3

    question = _Question(z3)
    question.declare([*facts, *assumptions, *small])
    for fact in facts:
        question.add(fact)
    names = [question.assume(f"a{place}", formula) for place, formula in enumerate(assumptions)]
    wishes = [question.assume(f"w{place}", formula) for place, formula in enumerate(small)]
    solver = question.solver(budget, minimal=minimal)
    while True:
        answer = solver.check(*names, *wishes)
        if answer == z3.sat:
            return question.model(solver)
        if answer == z3.unknown:
            if not wishes:
                return GivenUp()
            wishes = wishes[1:]
            continue
        # Z3 gives the core once: read again it is empty.
        core = {str(item) for item in solver.unsat_core()}
        if not any(str(wish) in core for wish in wishes):
            return Conflict(tuple(place for place in range(len(names)) if f"a{place}" in core))
        wishes = wishes[1:]


class Standing:
    """Facts that are asked about many times, each time with something else that is to hold as well.

    Much quicker than a question for each, but a model may depend on what was asked before: it is for where any will do.
    """

    def __init__(
        self,
        facts: Sequence[Formula],
        spoken: Sequence[Formula],
        wish: Formula,
        beside: "Standing | None" = None,
        budget: int = BUDGET,
    ) -> None:
        """`spoken` are formulas in which all variables and flags are that may be asked about.

        Those that stand `beside` each other share memory; each alone takes some 15 MB.
        """
        import z3

        self._z3 = z3
        self._question: _Question = _Question(z3, None if beside is None else beside._question.context)
        self._question.declare([*facts, *spoken, wish])
        for fact in facts:
            self._question.add(fact)
        self._wish = self._question.assume("w", wish)
        self._solver = self._question.solver(budget, minimal=False)
        self._names: dict[Formula, Any] = {}

    def model(self, formulas: Sequence[Formula], wished: Sequence[Formula] = ()) -> Model | None:
        """Numbers and truths with which facts and formulas hold, and wishes if they can; None if none are found."""
        names = [self._name(formula) for formula in formulas]
        further = [self._name(formula) for formula in wished]
        for wishes in ([self._wish, *further], [self._wish], []):
            if self._solver.check(*names, *wishes) == self._z3.sat:
                return self._question.model(self._solver)
        return None

    def _name(self, formula: Formula) -> Any:
        found = self._names.get(formula)
        if found is None:
            term = self._question.term(formula)
            found = self._names[formula] = term
            if not isinstance(formula, Flag):
                found = self._names[formula] = self._z3.Bool(f"s{len(self._names)}", self._question.context)
                self._solver.add(self._z3.Implies(found, term))
        return found


class _Question:
    def __init__(self, z3: Any, context: "z3.Context | None" = None) -> None:
        self._z3 = z3
        self._lines: list[str] = []
        self._numbers: dict[str, Var] = {}
        self._flags: dict[str, Flag] = {}
        self._written: dict[Formula, str] = {}
        self._again: set[Formula] = set()
        """What is written more than once, and has a name for that."""
        self._declared: dict[int, str] = {}
        self._context = context or z3.Context()

    def declare(self, formulas: Sequence[Formula]) -> None:
        self._find_repeated(formulas)
        numbers, flags = variables(formulas)
        for place, var in enumerate(numbers):
            self._numbers[f"n{place}"] = var
            self._lines.append(f"(declare-const n{place} {'Int' if var.whole else 'Real'})")
        for place, item in enumerate(flags):
            self._flags[f"f{place}"] = item
            self._lines.append(f"(declare-const f{place} Bool)")
        self._names = {var.name: name for name, var in self._numbers.items()}
        self._flag_names = {item.name: name for name, item in self._flags.items()}
        for name, var in self._numbers.items():
            if var.low is not None:
                self._lines.append(f"(assert (<= {_number(var.low)} {name}))")
            if var.high is not None:
                self._lines.append(f"(assert (<= {name} {_number(var.high)}))")

    def _find_repeated(self, formulas: Sequence[Formula]) -> None:
        seen: set[Formula] = set()
        waiting = list(formulas)
        while waiting:
            formula = waiting.pop()
            if isinstance(formula, Not):
                waiting.append(formula.item)
            elif isinstance(formula, All | Some):
                if formula in seen:
                    self._again.add(formula)
                else:
                    seen.add(formula)
                    waiting += formula.items

    def add(self, formula: Formula) -> None:
        self._lines.append(f"(assert {self._text(formula)})")

    def assume(self, name: str, formula: Formula) -> Any:
        self._lines.append(f"(declare-const {name} Bool)(assert (=> {name} {self._text(formula)}))")
        return self._z3.Bool(name, self._context)

    def solver(self, budget: int, *, minimal: bool) -> "z3.Solver":
        solver: z3.Solver = self._z3.SimpleSolver(ctx=self._context)
        solver.set("rlimit", budget)
        solver.set("timeout", _SECONDS * 1000)
        if minimal:
            solver.set("core.minimize", True)
        solver.from_string("\n".join(self._lines))
        return solver

    @property
    def context(self) -> "z3.Context":
        """Where all terms of the question are."""
        return self._context

    def term(self, formula: Formula) -> Any:
        """A formula about what is declared, as a term."""
        z3, context = self._z3, self._context
        match formula:
            case Constant():
                return z3.BoolVal(formula.value, context)
            case Flag():
                return z3.Bool(self._flag_names[formula.name], context)
            case Not():
                return z3.Not(self.term(formula.item))
            case All():
                return z3.And([self.term(item) for item in formula.items])
            case Some():
                return z3.Or([self.term(item) for item in formula.items])
            case Linear():
                total = 0
                for coefficient, var in formula.terms:
                    name = self._names[var.name]
                    total += coefficient * (z3.Int(name, context) if var.whole else z3.Real(name, context))
                if formula.relation is Relation.EQ:
                    return total == formula.bound
                return total < formula.bound if formula.relation is Relation.LT else total <= formula.bound
            case _:
                raise AssertionError(formula)  # invariant: there are no other formulas

    def model(self, solver: "z3.Solver") -> Model:
        """What the constants are; read below the wrapping classes, which cost more than the decision."""
        z3, found = self._z3, solver.model()
        context, model = self._context.ref(), found.model
        numbers: dict[str, int | Fraction] = {}
        flags: dict[str, bool] = {}
        true = z3.Z3_mk_true(context).value
        for place in range(z3.Z3_model_get_num_consts(context, model)):
            declared = z3.Z3_model_get_const_decl(context, model, place)
            name = self._declared.get(declared.value)
            if name is None:
                name = z3.Z3_get_symbol_string(context, z3.Z3_get_decl_name(context, declared))
                # Held, so that the address stays what it is.
                z3.Z3_inc_ref(context, z3.Z3_func_decl_to_ast(context, declared))
                self._declared[declared.value] = name
            value = z3.Z3_model_get_const_interp(context, model, declared)
            if name in self._numbers:
                var, number = self._numbers[name], z3.Z3_get_numeral_string(context, value)
                numbers[var.name] = int(number) if var.whole else Fraction(number)
            elif name in self._flags:
                flags[self._flags[name].name] = value.value == true
        return Model(numbers, flags)

    def _text(self, formula: Formula) -> str:
        """A formula as text; what is written again has a name of its own, which every model carries along."""
        match formula:
            case Constant():
                return formula.key
            case Flag():
                return self._flag_names[formula.name]
            case Not():
                return f"(not {self._text(formula.item)})"
            case Linear():
                return self._linear(formula)
            case All() | Some():
                if formula in self._written:
                    return self._written[formula]
                word = "and" if isinstance(formula, All) else "or"
                body = f"({word} {' '.join(self._text(item) for item in formula.items)})"
                if formula not in self._again:
                    return body
                name = self._written[formula] = f"d{len(self._written)}"
                self._lines.append(f"(define-fun {name} () Bool {body})")
                return name
            case _:
                raise AssertionError(formula)  # invariant: there are no other formulas

    def _linear(self, formula: Linear) -> str:
        parts = []
        for coefficient, var in formula.terms:
            name = self._names[var.name]
            parts.append(name if coefficient == 1 else f"(* {_number(coefficient)} {name})")
        total = parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"
        return f"({formula.relation} {total} {_number(formula.bound)})"


def _number(number: int | Fraction) -> str:
    fraction = Fraction(number)
    if fraction.denominator != 1:
        top = f"(/ {abs(fraction.numerator)} {fraction.denominator})"
    else:
        top = str(abs(fraction.numerator))
    return f"(- {top})" if fraction < 0 else top
