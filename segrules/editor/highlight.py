"""How rule files are coloured: one table of patterns, from which the grammar of editors and the lexer are made."""

import re
from dataclasses import dataclass

from segrules.editor.keywords import words_in

LANGUAGE = "segrules"
SCOPE = f"source.{LANGUAGE}"
_BLOCKS = "block"


@dataclass(frozen=True, slots=True)
class Paint:
    """What matches `pattern`: its scope in a TextMate grammar, and its token in Pygments. With two groups, one each."""

    pattern: str
    scopes: tuple[str, ...]
    tokens: tuple[str, ...]


def paints() -> tuple[Paint, ...]:
    """All patterns, tried in this order at every place.

    >>> [paint.scopes[0] for paint in paints()][:2]
    ['comment.line.number-sign.segrules', 'string.quoted.double.segrules']
    """
    block = "|".join(words_in(_BLOCKS))
    return (
        Paint(r"#.*", ("comment.line.number-sign.segrules",), ("Comment.Single",)),
        Paint(r'"(?:\\.|[^"\\\n])*"?', ("string.quoted.double.segrules",), ("Literal.String.Double",)),
        Paint(r"`[^`\n]*`?", ("variable.other.quoted.segrules",), ("Name",)),
        Paint(
            rf"^([ \t]*(?:{block}))(?=[ \t]+[\"`\w])(?:([ \t]+)([^\W\d]\w*))?",
            ("keyword.control.block.segrules", "", "entity.name.type.segrules"),
            ("Keyword.Declaration", "Text.Whitespace", "Name.Class"),
        ),
        Paint(
            r"\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?",
            ("constant.other.date.segrules",),
            ("Literal.Date",),
        ),
        Paint(r"\d+(?:\.\d+)?%?", ("constant.numeric.segrules",), ("Literal.Number",)),
        Paint(r"(\.)([^\W\d]\w*)", ("punctuation.accessor.segrules", "variable.other.member.segrules"), _MEMBER),
        _words("keyword.control.clause.segrules", "Keyword", "clause"),
        _words("keyword.operator.word.segrules", "Operator.Word", "logic"),
        _words("support.function.segrules", "Name.Builtin", "operand"),
        _words("constant.language.segrules", "Keyword.Constant", "constant"),
        _words("keyword.other.segrules", "Keyword.Pseudo", "time", "count", "word", _BLOCKS),
        Paint(r"[^\W\d]\w*", ("variable.other.segrules",), ("Name",)),
        Paint(r"<=|>=|!=|[=<>+\-*/]", ("keyword.operator.segrules",), ("Operator",)),
        Paint(r"[.,()\[\]]", ("punctuation.segrules",), ("Punctuation",)),
    )


_MEMBER = ("Punctuation", "Name.Attribute")


def _words(scope: str, token: str, *groups: str) -> Paint:
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words_in(*groups))
    return Paint(rf"\b(?:{words})\b", (scope,), (token,))
