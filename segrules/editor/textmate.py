"""The patterns of `highlight` into a TextMate grammar, which VS Code and many other editors read."""

import json
from typing import Any

from segrules.editor.highlight import LANGUAGE, SCOPE, Paint, paints


def grammar() -> dict[str, Any]:
    """The grammar as JSON values.

    >>> grammar()["scopeName"]
    'source.segrules'
    """
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "information_for_contributors": "Written by `make docs` from `segrules/editor/highlight.py`.",
        "name": LANGUAGE,
        "scopeName": SCOPE,
        "fileTypes": ["seg"],
        "patterns": [_pattern(paint) for paint in paints()],
    }


def text_of_grammar() -> str:
    """The text of the grammar file."""
    return json.dumps(grammar(), indent=2, ensure_ascii=False) + "\n"


def _pattern(paint: Paint) -> dict[str, Any]:
    if len(paint.scopes) == 1:
        return {"match": paint.pattern, "name": paint.scopes[0]}
    captures = {str(number): {"name": scope} for number, scope in enumerate(paint.scopes, 1) if scope}
    return {"match": paint.pattern, "captures": captures}
