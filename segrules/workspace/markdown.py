"""Text into Markdown in which nothing that somebody wrote has an effect."""

import re
from collections.abc import Iterator

from segrules.diagnostics.render import printable

_TICKS = re.compile(r"`+")
_MARKUP = re.compile(r"[\\`*_{}\[\]()#!|~<>&$]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_JOINER = "\u2060"


def code(text: str) -> str:
    """The text as code, in which nothing is markup.

    >>> code("a`b")
    '`` a`b ``'
    """
    text = printable(text)
    runs = [len(run) for run in _TICKS.findall(text)]
    if not runs:
        return f"`{text}`" if text.strip() else "` `"
    fence = "`" * (max(runs) + 1)
    return f"{fence} {text} {fence}"


def prose(text: str) -> str:
    r"""The text with its pairs of backticks as code and everything else without effect: no markup, link or mention.

    >>> prose("`a_b` is not *known*")
    '`a_b` is not \\*known\\*'
    """
    return "".join(_parts(printable(text)))


def _parts(text: str) -> Iterator[str]:
    parts = text.split("`")
    last = len(parts) - 1
    for number, part in enumerate(parts):
        if number % 2 == 0:
            yield _plain(part)
        elif number == last:  # a backtick without its pair
            yield f"\\`{_plain(part)}"
        else:
            yield code(part)


def _plain(text: str) -> str:
    escaped = _MARKUP.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)
    return escaped.replace("@", f"@{_JOINER}").replace("://", f":{_JOINER}//")
