"""What stands between tokens: comments and blank lines, by the number of the token behind them."""

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum

from segrules.syntax.concrete import Concrete


class Kind(Enum):
    """How a comment stands."""

    TRAILING = "behind a token, on its line"
    BELOW = "on a line of its own, right below the one behind a token, which it goes on with"
    OWN = "on a line of its own"


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment: its text, how it stands, the blank lines before it (none behind a token) and its column from 0."""

    text: str
    kind: Kind
    blanks: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """The comments between two tokens, and the blank lines between the last of them and the second token."""

    comments: tuple[Comment, ...] = ()
    blanks: int = 0


NO_GAP = Gap()


class Gaps:
    """The gaps of a file that are more than white space on a line; gap n is the one before token n."""

    def __init__(self, gaps: dict[int, Gap]) -> None:
        self._gaps = gaps
        self._commented = sorted(number for number, gap in gaps.items() if gap.comments)

    def __getitem__(self, number: int) -> Gap:
        return self._gaps.get(number, NO_GAP)

    def any_between(self, first: int, end: int) -> bool:
        """Whether there is a comment between any two of the tokens from `first` up to `end`."""
        at = bisect_left(self._commented, first + 1)
        return at < len(self._commented) and self._commented[at] < end

    def between(self, first: int, end: int) -> list[Comment]:
        """The comments between any two of the tokens from `first` up to `end`, in order."""
        at = bisect_left(self._commented, first + 1)
        found: list[Comment] = []
        while at < len(self._commented) and self._commented[at] < end:
            found += self._gaps[self._commented[at]].comments
            at += 1
        return found

    def all_comments(self) -> list[str]:
        """The texts of all comments, in order."""
        return [comment.text for number in self._commented for comment in self._gaps[number].comments]


def gaps_of(text: str, read: Concrete) -> Gaps:
    """The gaps of a file that was read."""
    gaps: dict[int, Gap] = {}
    end = 0
    for number, start in enumerate([*read.starts, len(text)]):
        between = text[end:start]
        if "\n" in between or "#" in between:
            gap = _gap(between, end - (text.rfind("\n", 0, end) + 1), first=number == 0)
            if gap != NO_GAP:
                gaps[number] = gap
        end = read.ends[number] if number < len(read.ends) else start
    return Gaps(gaps)


def _gap(between: str, column: int, *, first: bool) -> Gap:
    """The comments in white space that begins at this column of its line."""
    comments: list[Comment] = []
    blanks = 0
    lines = between.split("\n")
    for number, line in enumerate(lines):
        text = line.strip(" \t\f")
        on_token = number == 0 and not first
        at = len(line) - len(line.lstrip(" \t\f")) + (column if on_token else 0)
        if not text:
            blanks += 0 < number < len(lines) - 1 or (first and number < len(lines) - 1)
        elif on_token:
            comments.append(Comment(text, Kind.TRAILING, 0, at))
        else:
            last = comments[-1] if comments else None
            below = last is not None and last.kind is not Kind.OWN and last.column == at and not blanks
            comments.append(Comment(text, Kind.BELOW if below else Kind.OWN, blanks, at))
            blanks = 0
    return Gap(tuple(comments), blanks)
