"""What has to follow a row, or must not, in words: followed within 7 days by a `mail` event with the same `kind`."""

from collections.abc import Callable, Sequence

from segrules.explain.lines import listed, quoted
from segrules.explain.windows import period_words
from segrules.ir.nodes import Condition, Link, LinkKind

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def row_words(step: int) -> str:
    """The row of a step, counted from 0.

    >>> row_words(0)
    'the first row of the chain'
    """
    which = _ORDINALS[step] if step < len(_ORDINALS) else f"{step + 1}th"
    return f"the {which} row of the chain"


def links_words(links: Sequence[Link], where_words: Callable[[Condition], str]) -> str:
    """The links as they stand behind `only those`; `where_words` tells a test on a row."""
    text, between = "", ""
    for link in links:
        text += between + _link_words(link, where_words)
        between = ", which is " if link.kind is LinkKind.THEN else " and "
    return text


def _link_words(link: Link, where_words: Callable[[Condition], str]) -> str:
    then = link.kind is LinkKind.THEN
    when = f" within {period_words(link.within)}" if link.within is not None else " at any time"
    same = f" with the same {listed(quoted(link.same))}" if link.same else ""
    where = f" {where_words(link.events.where)}" if link.events.where is not None else ""
    verb, article = ("followed", "a") if then else ("not followed", "any")
    return f"{verb}{when} by {article} {listed(quoted(link.events.names), 'or')} event{same}{where}"
