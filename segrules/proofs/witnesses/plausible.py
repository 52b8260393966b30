"""Ages that people have, for the customers who show something: nobody is born tomorrow where a rule says `age < 26`.

Nothing rests on these values. They are proposed where a customer is made plainer, and taken where the customer still
shows the same; what is plausible already stays, as it is often a bound that a rule names.
"""

from collections.abc import Iterator
from datetime import date, datetime

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Literal, Property, YearsSince
from segrules.proofs.witnesses.shrink import Place, Proposed
from segrules.types.types import DateType, IntegerType
from segrules.types.zones import local_day, zone

_AGES = (30, 20, 40, 50, 60, 70, 80, 90, 18, 16, 15, 12, 10, 8, 6, 4, 2, 1)
_PLAUSIBLE = range(16, 100)
_BIRTH = "birth"
_AGE = "age"


def plausible(catalogue: Catalogue, as_of: datetime) -> Proposed:
    """Proposes ages, and days of birth, to customers of an instant."""
    today = local_day(as_of, zone(catalogue.zone))
    born = _born(catalogue)

    def proposed(place: Place, literal: Literal) -> Iterator[Literal]:
        event, name = place
        value = literal.value
        if event:
            return
        if name in born and isinstance(value, date) and not isinstance(value, datetime):
            if today.year - value.year in _PLAUSIBLE:
                yield literal
            yield from (Literal(date(today.year - age, 1, 1), literal.type) for age in _AGES if today.year - age > 0)
        elif name == _AGE and isinstance(literal.type, IntegerType) and isinstance(value, int):
            if value in _PLAUSIBLE:
                yield literal
            yield from (Literal(age, literal.type) for age in _AGES)

    return proposed


def _born(catalogue: Catalogue) -> frozenset[str]:
    """The columns that hold the day of somebody's birth, by their names and by what is called an age."""
    attributes = catalogue.customers.attributes
    named = {name for name, column in attributes.items() if _BIRTH in name and isinstance(column.type, DateType)}
    age = attributes.get(_AGE)
    if age is not None and isinstance(age.derive, YearsSince) and isinstance(age.derive.of, Property):
        named.add(age.derive.of.name)
    return frozenset(named)
