"""What has to follow a row, or must not: `then B within 7 days with same product`, `without B`.

A pair of rows is true, false or unknown, as the conditions on it are; so is everything that is made of pairs.
"""

from collections.abc import Callable, Iterator

from segrules.ir import nodes as ir
from segrules.reference.values import Truth, both, either, opposite
from segrules.reference.windows import Clock, at_once, follows
from segrules.reference.world import ChainRow, Customer, EventRow

Test = Callable[[ir.Condition, Customer, ChainRow], Truth]
"""Whether a condition holds for a customer's row."""


def holds(links: tuple[ir.Link, ...], row: EventRow, customer: Customer, clock: Clock, test: Test) -> Truth:
    """Whether all that `links` say holds of what follows a row."""
    return _reached((row,), links, customer, clock, test)


def _reached(
    steps: tuple[EventRow, ...], links: tuple[ir.Link, ...], customer: Customer, clock: Clock, test: Test
) -> Truth:
    """Whether the rest of a chain holds, once the last of `steps` is reached."""
    if not links:
        return True
    link, rest = links[0], links[1:]
    if link.kind is ir.LinkKind.THEN:
        return either(
            both((fits, _reached((*steps, row), rest, customer, clock, test)))
            for row in _behind(steps[-1], link, customer, clock)
            if (fits := _fits(link, steps, row, customer, test)) is not False
        )
    found = either(_fits(link, steps, row, customer, test) for row in _behind(steps[-1], link, customer, clock))
    # The rest only matters where nothing was found for certain.
    return False if found is True else both((opposite(found), _reached(steps, rest, customer, clock, test)))


def _behind(step: EventRow, link: ir.Link, customer: Customer, clock: Clock) -> Iterator[EventRow]:
    """The rows whose time is right. A tie in time never lets anyone in: it is no `then`, and is against `without`."""
    (name,) = link.events.names
    for row in customer.events.get(name, []):
        if row is step:
            continue
        tied = link.kind is ir.LinkKind.WITHOUT and at_once(step.time, row.time, clock)
        if tied or follows(step.time, row.time, link.within, clock):
            yield row


def _fits(link: ir.Link, steps: tuple[EventRow, ...], row: EventRow, customer: Customer, test: Test) -> Truth:
    """Whether a row is the one that a link asks for."""
    where = link.events.where
    said = True if where is None else test(where, customer, ChainRow(row.values, steps))
    return both((said, *(_same(steps[-1].values[name], row.values[name]) for name in link.same)))


def _same(one: object, other: object) -> Truth:
    return None if one is None or other is None else one == other
