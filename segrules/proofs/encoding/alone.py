"""What is so of a customer who is alone in the world; it guides the search for one, and no proof rests on it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from segrules.ir import nodes as ir
from segrules.ir.build import conjunction
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.meanings import Free
from segrules.proofs.encoding.values import Numeric, Truth
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.logic import TRUE, Flag, Formula, Var, every, implies, no, same


def alone(encoder: Encoder, spoken: Iterable[Flag | Var]) -> tuple[Formula, ...]:
    """What conditions and numbers about other customers come to where there are none."""
    found: list[Formula] = []
    for item in spoken:
        node = item.meaning.node if isinstance(item.meaning, Free) else None
        match node:
            case ir.Quantified(quantifier, relation, condition) if isinstance(item, Flag):
                own = _own(encoder, relation, encoder.truth(condition))
                if quantifier is ir.Quantifier.NONE:
                    own = Truth(own.false, own.true)
                found.append(same(item, own.true if item.name.startswith("true ") else own.false))
            case ir.Top(by=by, among=among) if isinstance(item, Flag) and item.name.startswith("true "):
                among_ = encoder.truth(among).true if among is not None else every(())
                found.append(same(item, every((among_, encoder.value(by).presence.there))))
            case ir.NumberOfRelated(relation, condition) if isinstance(item, Var):
                truth = _own(encoder, relation, encoder.truth(condition))
                most = item.name.endswith(" most")
                counts = no(truth.false) if most else truth.true
                found.append(implies(counts, sums.equals(sums.of(item), sums.just(1))))
                found.append(implies(no(counts), sums.equals(sums.of(item), sums.just(0))))
            case ir.Figure():
                found += _figure(encoder, node, item)
            case _:
                pass
    return tuple(found)


def _figure(encoder: Encoder, node: ir.Figure, item: Flag | Var) -> Iterator[Formula]:
    """A figure over one customer is that customer's own value; over rows, it is there where there is a row."""
    among = TRUE if node.among is None else encoder.truth(node.among).true
    if node.events is not None:
        parts = [part for part in (node.events.where, node.among) if part is not None]
        events = replace(node.events, where=conjunction(parts) if parts else None)
        there = encoder.truth(ir.Did(events, ir.CompareOp.GE, 1)).true
    else:
        value = encoder.value(node.of)
        there = every((among, value.presence.there))
        if isinstance(item, Var) and isinstance(value, Numeric) and value.sure:
            yield implies(there, sums.equals(sums.of(item), value.low))
    if isinstance(item, Flag):
        yield same(item, no(there)) if item.name.endswith(" is none") else no(item)


def _own(encoder: Encoder, relation: str, truth: Truth) -> Truth:
    """What is said of the customer, who shares the key with nobody else; unknown without a key."""
    column = encoder.rules.catalogue.customers.attributes[encoder.rules.catalogue.relations[relation].column]
    there = encoder.value(ir.Attribute(column.name, column.type)).presence.there
    return Truth(every((there, truth.true)), every((there, truth.false)))
