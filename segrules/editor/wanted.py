"""What stands before a caret into the kinds of names that can stand there."""

from collections.abc import Mapping, Sequence

from segrules.syntax.before import Before, Piece

OPERAND = "operand"
"""What begins a value or a condition: attributes, defines, scores; in a row its properties."""
EXCLUDED = "excluded"
"""What `except` takes: segments, conditions with a name, attributes that are true or false."""

_MEMBERS = ("segment", "partition")
_DIRECT: Mapping[str, tuple[str, ...]] = {
    "CAP": ("channel",),
    "CHAIN": ("event",),
    "CHANNEL": ("channel",),
    "COVERS": (),
    "DID": ("event",),
    "DISTINCT": ("event",),
    "EDGE": ("event",),
    "EVERYONE": _MEMBERS,
    "EXCLUSIVE": _MEMBERS,
    "EXPECT": (OPERAND,),
    "FREQUENT": ("event",),
    "GIVEN": ("event", "fixture", "relation"),
    "OUTSIDE": ("clause",),
    "OWNER": (),
    "PURPOSE": ("purpose",),
    "READING": ("label",),
    "SAME": ("same",),
    "SEGMENTS": ("segment",),
    "STATUS": ("status",),
    "SUBSET": _MEMBERS,
    "TAGS": ("tag",),
}
_BY_WORD = {"channel": "channel", "purpose": "purpose", "tag": "tag", "owner": "owner"}
_NAMED = ("DEFINE", "SCORE", "PARTITION", "GROUP", "POLICY", "FIXTURE", "RULESET", "STAGE", "RANK", "OTHERWISE", "AS")
"""Behind these a new name is made up."""


def wanted(found: Before) -> tuple[str, ...]:
    """The kinds of names that can stand behind the last token; empty where none can, or only a new one."""
    if "NAME" not in found.accepts or not found.pieces:
        return ()
    pieces = found.pieces
    if _in_consent(pieces):
        return ("channel",)
    number = _anchor(pieces)
    symbol = pieces[number].symbol
    below = pieces[number - 1].symbol if number else ""
    match symbol:
        case "SEGMENT":
            return _MEMBERS if below == "IN" else ("segment",) if below == "TO" else ()
        case "EXCEPT":
            return ("segment",) if below == "SEGMENTS" else (EXCLUDED,)
        case "SCOPE_KIND":
            return (_BY_WORD[found.words_of(number)[0]],)
        case "WITH":
            return ("assigned",)
        case "IN" if any(piece.symbol == "EXPECT" for piece in pieces):
            return _MEMBERS
        case "NOT" if below == "DID":
            return ("event",)
        case "BETWEEN" if below == "DAYS":
            return ("event",)
        case "BY" if any(piece.symbol == "RANKED" for piece in pieces[-4:]):
            return (OPERAND,)
        case "OF":
            return _behind_of(found, number)
        case _ if symbol in _NAMED:
            return ()
        case _ if symbol in _DIRECT:
            return _DIRECT[symbol]
        case _:
            return (OPERAND,) if "PERCENT" in found.accepts else ()


def _behind_of(found: Before, number: int) -> tuple[str, ...]:
    below = [piece.symbol for piece in found.pieces[:number]][-2:]
    match below[-1:]:
        case ["QUANTIFIER"]:
            return ("event",) if below[0] == "DID" else ("event", "relation")
        case ["ref"] if "SUBSET" in below:
            return _MEMBERS
        case ["PERCENT" | "DATE_PART"]:
            return (OPERAND,)
        case ["__ANON_0"]:
            return ("event", "relation")
        case ["AGGREGATE"] if below[0] == "POPULATION":
            return ("event", OPERAND)
        case _:
            return ("event",)


def _anchor(pieces: Sequence[Piece]) -> int:
    """The last word of the language, passing over a list of names that is begun."""
    number = len(pieces) - 1
    while number and (pieces[number].symbol == "COMMA" or not _is_terminal(pieces[number].symbol)):
        if pieces[number].symbol != "COMMA" and pieces[-1].symbol != "COMMA":
            break
        number -= 1
    return number


def _is_terminal(symbol: str) -> bool:
    return symbol.lstrip("_").isupper() or symbol.startswith("__ANON")


def _in_consent(pieces: Sequence[Piece]) -> bool:
    """Whether a channel of a `consent` clause is next, not the value `consent.email`."""
    for piece in reversed(pieces):
        if piece.symbol == "CONSENT":
            return True
        if piece.symbol not in ("AND", "OR") and not piece.symbol.strip("_").startswith(("granted", "consent_")):
            return False
    return False
