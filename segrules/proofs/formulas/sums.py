"""Sums of multiples of variables and a constant: numbers of which only the parts are known."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from segrules.proofs.formulas.logic import Formula, Var, equal, linear

Number = int | Fraction


@dataclass(frozen=True, slots=True)
class Sum:
    """`constant` and multiples of variables, each variable once, sorted by name."""

    terms: tuple[tuple[Number, Var], ...] = ()
    constant: Number = 0

    def __add__(self, other: "Sum") -> "Sum":
        return total((*self.terms, *other.terms), self.constant + other.constant)

    def __sub__(self, other: "Sum") -> "Sum":
        return self + other.times(-1)

    def times(self, factor: Number) -> "Sum":
        """A multiple of it."""
        return total(((factor * coefficient, var) for coefficient, var in self.terms), factor * self.constant)

    def plus(self, number: Number) -> "Sum":
        """So much more."""
        return Sum(self.terms, self.constant + number)

    @property
    def low(self) -> Number | None:
        """The least that it can be by the ranges of its variables, None where there is no end."""
        return self._end(lowest=True)

    @property
    def high(self) -> Number | None:
        """The most that it can be."""
        return self._end(lowest=False)

    def _end(self, *, lowest: bool) -> Number | None:
        end: Number = self.constant
        for coefficient, var in self.terms:
            of_var = var.low if (coefficient > 0) is lowest else var.high
            if of_var is None:
                return None
            end += coefficient * of_var
        return end

    def __str__(self) -> str:
        parts = [var.name if coefficient == 1 else f"{coefficient}*{var.name}" for coefficient, var in self.terms]
        return "+".join([*parts, *([str(self.constant)] if self.constant or not parts else [])])


def total(terms: Iterable[tuple[Number, Var]], constant: Number = 0) -> Sum:
    """A sum with each variable once."""
    found: dict[Var, Number] = {}
    for coefficient, var in terms:
        found[var] = found.get(var, 0) + coefficient
    kept = sorted(((number, var) for var, number in found.items() if number), key=lambda term: term[1].name)
    return Sum(tuple(kept), constant)


def of(var: Var, factor: Number = 1) -> Sum:
    """A multiple of one variable."""
    return Sum(((factor, var),))


def just(number: Number) -> Sum:
    """A constant."""
    return Sum((), number)


def less_or_equal(one: Sum, other: Sum) -> Formula:
    """`one <= other`."""
    return linear((one - other).terms, other.constant - one.constant)


def less(one: Sum, other: Sum) -> Formula:
    """`one < other`."""
    return linear((one - other).terms, other.constant - one.constant, strict=True)


def equals(one: Sum, other: Sum) -> Formula:
    """`one = other`."""
    return equal((one - other).terms, other.constant - one.constant)
