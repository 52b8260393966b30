"""Rule sets as a company grows them, made up by chance from a seed: what proofs are measured on.

A segment has two to eight conditions, two in five of them about events; there are `or`, `not`, exclusions of other
segments, consent, scores and defines. Each segment has chances of its own, so that the first 500 of 1,000 are those of
500, and a changed segment changes no other.
"""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.segments_catalogue import CHANNELS, EXCLUSIONS, PURPOSES, catalogue
from benchmarks.segments_chance import Chance
from benchmarks.segments_conditions import DEFINES, Conditions

FILE = 50
"""So many segments stand in one file."""
BEHAVIOUR, EXCLUDING, CONSENTING = 0.4, 0.15, 0.45
REFERRING, OUTSIDE = 0.04, 0.01
"""Shares of conditions: `in segment x`, and what proofs decide in part only."""


@dataclass(frozen=True, slots=True)
class Made:
    """A segment: its text, and whether all it asks for is decided exactly, what it refers to included."""

    name: str
    text: str
    exact: bool


def segments(count: int, changed: int = 0) -> list[Made]:
    """So many segments; `changed` of them say something else than without, under the same names."""
    again = set(Chance("changed", count, changed).some(range(count), changed))
    made: list[Made] = []
    for number in range(count):
        made.append(_Segment(number, made, again=number in again).made())
    return made


def texts(count: int, changed: int = 0) -> dict[str, str]:
    """The files of a project with so many segments, by path."""
    made = segments(count, changed)
    settings = 'language = 1\n\n[checks]\n"missing-consent" = "off"\n'
    files = {"segrules.toml": settings, "catalog.yaml": catalogue(), "shared.seg": _shared()}
    for first in range(0, count, FILE):
        number = first // FILE
        chance = Chance("file", number)
        channel = CHANNELS[number % len(CHANNELS)]
        head = [
            f'ruleset file_{number:02} "File {number}"',
            f'  owner    "team-{number}@shop.example"',
            f"  purpose  {PURPOSES[channel]}",
            f"  channel  {channel}",
        ]
        if chance.whether(0.7):
            head.append(f"  except   {chance.pick(EXCLUSIONS)}")
        if chance.whether(0.5):
            head.append("  eligible age >= 18")
        parts = ["\n".join(head), *(segment.text for segment in made[first : first + FILE])]
        files[f"segments_{number:02}.seg"] = "\n\n".join(parts) + "\n"
    return files


def write(folder: Path, count: int, changed: int = 0) -> Path:
    """A project with so many segments in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts(count, changed).items():
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    return folder


def _shared() -> str:
    """Scores, of which one has fixed cut points, defines, and a partition."""
    defines = []
    for number in range(DEFINES):
        conditions = Conditions(Chance("define", number), plain=True)
        parts = [conditions.behaviour() if place else conditions.attribute() for place in range(1 + number % 3)]
        defines.append(f'define shared_{number:02} "Shared {number}"\n  as ' + "\n  and ".join(parts) + "\n")
    return _SCORES + "\n" + "\n".join(defines)


_SCORES = """\
score rfm "Recency, frequency, monetary"
  among did purchase in the last 24 months
  rank  recency   by days since last purchase                       into 5 bands, low is best
  rank  frequency by number of purchase in the last 24 months       into 5 bands, high is best
  rank  monetary  by total of purchase.amount in the last 24 months into 5 bands, high is best

score fixed "Bands that do not move"
  rank  recency   by days since last purchase into bands at [30, 90, 180, 365], low is best
  rank  orders    by number of purchase in the last 365 days into bands at [1, 3, 6, 12], high is best

score loyalty "Points and expected value"
  rank  points    by points into bands at [100, 500, 1000, 5000], high is best
  rank  value     by predicted_value into 5 bands, high is best

partition stage "Where a customer stands"
  stage new    where days since first purchase <= 30
  stage loyal  where fixed.recency >= 4 and fixed.orders >= 4
  stage buyer  where did purchase in the last 365 days
  stage lapsed where did purchase
  otherwise prospect
"""


class _Segment:
    def __init__(self, number: int, earlier: list[Made], *, again: bool) -> None:
        self._number = number
        self._earlier = earlier
        self._chance = Chance("segment", number, *(["again"] if again else []))
        self._conditions = Conditions(self._chance)
        self._exact = True

    def made(self) -> Made:
        chance = self._chance
        name = f"segment_{self._number:04}"
        lines = [f'segment {name} "Segment {self._number}"']
        where = "\n       and ".join(self._where())
        lines.append(f"  where    {where}")
        lines += self._except()
        if chance.whether(0.3):
            lines.append("  eligible age >= 21" if chance.whether(0.2) else "  eligible age >= 18")
        if chance.whether(CONSENTING):
            lines.append(f"  consent  {self._consent()}")
        lines.append(f"  review   by 2027-{chance.number(1, 12):02}-01")
        return Made(name, "\n".join(lines), self._exact)

    def _where(self) -> list[str]:
        """Parts joined by `and`; some are an `or`, some a `not`."""
        left = self._chance.number(2, 8)
        parts = []
        while left:
            size = min(left, self._chance.pick((1, 1, 1, 2, 3)))
            left -= size
            conditions = [self._condition() for _ in range(size)]
            joined = " or ".join(conditions)
            if size == 1:
                parts.append(f"not ({joined})" if self._chance.whether(0.1) else joined)
            else:
                parts.append(f"not ({joined})" if self._chance.whether(0.15) else f"({joined})")
        return parts

    def _condition(self) -> str:
        if self._earlier and self._chance.whether(REFERRING):
            return f"in segment {self._other()}"
        if self._chance.whether(OUTSIDE):
            self._exact = False
            return self._conditions.outside()
        return self._conditions.behaviour() if self._chance.whether(BEHAVIOUR) else self._conditions.attribute()

    def _other(self) -> str:
        other = self._chance.pick(self._earlier)
        self._exact = self._exact and other.exact
        return other.name

    def _except(self) -> list[str]:
        names = self._chance.some(EXCLUSIONS, self._chance.pick((0, 0, 1, 1, 2)))
        if self._earlier and self._chance.whether(EXCLUDING):
            names.append(self._other())
        return [f"  except   {', '.join(names)}"] if names else []

    def _consent(self) -> str:
        channel = CHANNELS[self._number // FILE % len(CHANNELS)]
        if self._chance.whether(0.1):
            return f"{channel} and {self._chance.pick([name for name in CHANNELS if name != channel])}"
        return f"{channel} given in the last 24 months" if self._chance.whether(0.15) else channel
