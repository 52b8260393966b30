"""Facts that fall into parts which have nothing to do with each other: each is solved by itself, and only once.

What is said of the age of a customer has nothing to do with the country. Of many customers only few parts differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain

from segrules.proofs.formulas.calendar import is_calendar
from segrules.proofs.formulas.logic import Flag, Formula, Var, every, is_equal, leaves, variables
from segrules.proofs.formulas.smt import Model, Standing

_Known = dict[tuple[Formula, ...], Model | None]


class Parts:
    """What is so of a customer, in parts that share no variable and no flag but the calendar's."""

    def __init__(
        self,
        facts: Sequence[Formula],
        spoken: Sequence[Formula],
        wish: Sequence[Formula],
        now: Mapping[Var, int | Fraction],
    ) -> None:
        """`spoken` are formulas in which all is that may be asked about, `now` is what the calendar's variables are."""
        self._roots: dict[str, str] = {}
        for formula in (*facts, *spoken):
            self._join(_names(formula))
        self._part_of: dict[Formula, str | None] = {}
        self._now = now
        self._facts = self._by_part(facts)
        self._spoken = self._by_part(spoken)
        self._wishes = self._by_part(wish)
        self._standing: dict[str, Standing] = {}
        self._known: dict[str, _Known] = {}

    def model(
        self, wanted: Iterable[Formula], steps: Sequence[Iterable[Formula]], wished: Iterable[Formula]
    ) -> Model | None:
        """Numbers and truths with which what is `wanted` holds, and what is `wished` if it can.

        Where a part of what is wanted cannot be, it is what the first of `steps` says of that part, and of the others
        what can be besides; None where the first cannot be.
        """
        asked, hopes = self._by_part(wanted), self._by_part(wished)
        stepwise = [self._by_part(step) for step in steps]
        numbers: dict[str, int | Fraction] = {var.name: number for var, number in self._now.items()}
        flags: dict[str, bool] = {}
        for part in self._spoken:
            hope = tuple(hopes.get(part, ()))
            found = self._solved(part, tuple(asked.get(part, ())), hope)
            if found is None:
                found = self._stepwise(part, [step.get(part, []) for step in stepwise], hope)
            if found is None:
                return None
            numbers.update(found.numbers)
            flags.update(found.flags)
        return Model(numbers, flags)

    def _stepwise(self, part: str, steps: Sequence[Sequence[Formula]], hope: tuple[Formula, ...]) -> Model | None:
        said = tuple(steps[0])
        found = self._solved(part, said, hope)
        for step in steps[1:] if found is not None else ():
            more = tuple(dict.fromkeys((*said, *step)))
            closer = self._solved(part, more, hope) if len(more) > len(said) else None
            if closer is not None:
                said, found = more, closer
        return found

    def _solved(self, part: str, wanted: tuple[Formula, ...], hope: tuple[Formula, ...]) -> Model | None:
        known = self._known.setdefault(part, {})
        key = (*wanted, *hope)
        if key not in known:
            known[key] = self._solver(part).model(wanted, hope)
        return known[key]

    def _solver(self, part: str) -> Standing:
        found = self._standing.get(part)
        if found is None:
            facts, spoken = self._facts.get(part, []), self._spoken[part]
            wish = every(self._wishes.get(part, ()))
            numbers, _ = variables([*facts, *spoken, wish])
            # The calendar has a thousand variables, of which a part speaks of a few.
            facts = [*facts, *(is_equal(var, self._now[var]) for var in numbers if var in self._now)]
            found = self._standing[part] = Standing(facts, spoken, wish, next(iter(self._standing.values()), None))
        return found

    def _by_part(self, formulas: Iterable[Formula]) -> dict[str, list[Formula]]:
        """Formulas by the part that they speak of; those that speak of none, or of two, are left out."""
        found: dict[str, list[Formula]] = {}
        for formula in formulas:
            part = self._part(formula)
            if part is not None:
                found.setdefault(part, []).append(formula)
        return found

    def _part(self, formula: Formula) -> str | None:
        if formula not in self._part_of:
            parts = {self._root(name) for name in _names(formula) if name in self._roots}
            self._part_of[formula] = parts.pop() if len(parts) == 1 else None
        return self._part_of[formula]

    def _join(self, names: Sequence[str]) -> None:
        for name in names:
            self._roots.setdefault(name, name)
            one, other = sorted((self._root(names[0]), self._root(name)))
            self._roots[other] = one

    def _root(self, name: str) -> str:
        while self._roots[name] != name:
            self._roots[name] = self._roots[self._roots[name]]
            name = self._roots[name]
        return name


def _names(formula: Formula) -> list[str]:
    """The flags and variables of a formula, besides those of the calendar."""
    found = (
        [f"|{leaf.name}|"] if isinstance(leaf, Flag) else [var.name for _, var in leaf.terms if not is_calendar(var)]
        for leaf in leaves(formula)
    )
    return list(dict.fromkeys(chain.from_iterable(found)))
