"""The patterns of `highlight` into a lexer of Pygments, for documents and code hosts: the entry point `segrules`."""

import re
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import Text, Whitespace, string_to_tokentype

from segrules.editor.highlight import LANGUAGE, Paint, paints


def _rule(paint: Paint) -> tuple[str, Any]:
    tokens = [string_to_tokentype(token) for token in paint.tokens]
    return paint.pattern, tokens[0] if len(tokens) == 1 else bygroups(*tokens)  # type: ignore[no-untyped-call]


class SegrulesLexer(RegexLexer):
    """Rule files of segrules."""

    name = LANGUAGE
    aliases: ClassVar[list[str]] = [LANGUAGE, "seg"]
    filenames: ClassVar[list[str]] = ["*.seg"]
    mimetypes: ClassVar[list[str]] = ["text/x-segrules"]
    url = ""
    flags = re.MULTILINE
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [(r"\s+", Whitespace), *(_rule(paint) for paint in paints()), (r".", Text)]
    }
