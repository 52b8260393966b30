"""Which definition needs which: the order in which they are bound, and the cycles that have none."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.semantics.symbols import Symbols
from segrules.syntax import nodes
from segrules.text.span import Span

_OWN = ("define", "score", "segment", "partition")


def in_order(symbols: Symbols) -> tuple[list[str], list[Finding]]:
    """Names of defines, scores, segments and partitions, each behind all that it needs, and findings for cycles.

    Names in a cycle are left out; whatever needs them sees a broken name.
    """
    needs = {name: _needs(symbols, name) for name in symbols.of_kind(*_OWN)}
    ordered: list[str] = []
    done: set[str] = set()
    findings: list[Finding] = []
    for start in needs:
        if start in done:
            continue
        path: list[str] = [start]
        waiting: list[Iterator[str]] = [iter(needs[start])]
        while path:
            following = next(waiting[-1], None)
            if following is None:
                waiting.pop()
                name = path.pop()
                if name not in done:
                    done.add(name)
                    ordered.append(name)
            elif following in path:
                cycle = path[path.index(following) :]
                if not symbols.broken.intersection(cycle):
                    findings.append(_cycle(symbols, cycle, needs))
                symbols.broken.update(cycle)
            elif following not in done:
                path.append(following)
                waiting.append(iter(needs[following]))
    return [name for name in ordered if name not in symbols.broken], findings


def _cycle(symbols: Symbols, cycle: list[str], needs: Mapping[str, Mapping[str, Span]]) -> Finding:
    first = cycle[0]
    shown = " → ".join(f"`{name}`" for name in [*cycle, first])
    message = f"`{first}` needs itself: {shown}" if len(cycle) > 1 else f"`{first}` needs itself"
    following = [*cycle[1:], first]
    related = [
        Related(needs[name][after], f"`{name}` needs `{after}` here")
        for name, after in zip(cycle, following, strict=True)
    ]
    help_ = "take one of these references out"
    return finding(codes.CYCLE, message, symbols.by_name[first].span, help=help_, related=related)


def _needs(symbols: Symbols, name: str) -> dict[str, Span]:
    """What a definition refers to, each with the first place where it does."""
    found: dict[str, Span] = {}
    for ref in _refs(symbols.by_name[name].block, in_row=False):
        parts = ref.parts[1:] if ref.parts[0].text == "customer" else ref.parts
        if parts and symbols.kind(parts[0].text) in _OWN:
            found.setdefault(parts[0].text, ref.span)
    return found


def _refs(root: object, *, in_row: bool) -> Iterator[nodes.Ref]:
    """References to names of the rule set; inside a row filter bare names are properties and do not count."""
    stack: list[tuple[object, bool]] = [(root, in_row)]
    while stack:
        node, row = stack.pop()
        match node:
            case nodes.Ref(parts):
                if not row or parts[0].text == "customer":
                    yield node
            case tuple():
                stack.extend((item, row) for item in reversed(node))
            case nodes.RowTestExpr(value, test):
                stack += [(test, True), (value, row)]
            case nodes.Rows(where=where) | nodes.DidExpr(where=where):
                stack.append((where, True))
                if isinstance(node, nodes.DidExpr):
                    stack.append((node.chain, True))
            case nodes.PopulationExpr(rows=rows, among=among):
                # What is about everybody names customers' values even inside a row filter.
                stack += [(among, False), (rows.where, True), (rows.events, False)]
            case nodes.TopExpr(by=by, among=among):
                stack += [(among, False), (by, False)]
            case nodes.Chain(where=where):
                stack.append((where, True))
            case nodes.InSegmentExpr(target):
                yield target
            case nodes.RelatedExpr(test=test) | nodes.NumberOfRelatedExpr(test=test):
                # Bare names are the related customer's, wherever this stands.
                stack.append((test, False))
            case Span() | None:
                pass
            case _ if is_dataclass(node):
                stack.extend((getattr(node, item.name), row) for item in reversed(fields(node)))
            case _:
                pass
