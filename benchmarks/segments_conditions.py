"""Conditions for made-up segments, by chance: about the customer, about events, and beyond what proofs decide."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from benchmarks.segments_catalogue import (
    AHEAD,
    BANDS,
    CHANNELS,
    CHOICES,
    EVENTS,
    FLAGS,
    INTERESTS,
    NUMBERS,
    PAST,
    STAGES,
    TEXTS,
    TIERS,
    Choice,
    Did,
    Numbers,
)
from benchmarks.segments_chance import Chance

DEFINES = 12
"""So many defines are shared by all segments."""
WINDOWS = (
    "in the last 7 days", "in the last 14 days", "in the last 30 days", "in the last 60 days", "in the last 90 days",
    "in the last 180 days", "in the last 365 days", "in the last 4 weeks", "in the last 12 weeks",
    "in the last 3 months", "in the last 12 months", "in the last 24 months", "between 30 and 90 days ago",
    "more than 90 days ago", "",
)  # fmt: skip
OUTSIDE = (
    "did cart between 1 and 7 days ago without purchase with same product_id within 24 hours",
    "did visit in the last 30 days then purchase within 3 days",
    "did visit at least 3 times per week in at least 3 of the last 4 whole weeks",
    "median days between purchase < 40",
    "top 25% by predicted_value",
    'in sample 10% salt "spring"',
)
DAYS = (7, 14, 30, 60, 90, 180, 365)

_T = TypeVar("_T")


class Conditions:
    """Conditions by chance; one conjunction seldom asks for the same thing twice, as people who write rules do."""

    def __init__(self, chance: Chance, *, plain: bool = False) -> None:
        self._chance = chance
        self._plain = plain
        self._used: set[str] = set()

    def attribute(self) -> str:
        """A condition about the customer."""
        ways: list[Callable[[], str]] = [
            *[self._number] * 7, *[self._choice] * 7, *[self._flag] * 3, *[self._text] * 3, *[self._date] * 5,
            self._tier, self._interests, self._linear, self._account, self._known, self._newcomer,
        ]  # fmt: skip
        if not self._plain:
            ways += [*[self._band] * 3, *[self._shared] * 2, self._stage, self._consent]
        return self._chance.pick(ways)()

    def behaviour(self) -> str:
        """A condition about events."""
        ways: tuple[Callable[[], str], ...] = (
            *[self._did] * 6, *[self._did_not] * 3, *[self._times] * 5, *[self._sum] * 4, *[self._since] * 4,
            *[self._average] * 2, self._extreme, self._distinct, self._any_of,
        )  # fmt: skip
        return self._chance.pick(ways)()

    def outside(self) -> str:
        """A condition that proofs decide in part only: about order, rhythm, single rows or other customers."""
        if self._chance.whether(0.3):
            event = self._event("latest")
            return f"last {event.name} was ({self._chosen(self._chance.pick(event.choices))})"
        return self._chance.pick(OUTSIDE)

    def _fresh(self, of: Sequence[_T], key: Callable[[_T], str]) -> _T:
        """One that was not asked for yet, unless all were."""
        left = [item for item in of if key(item) not in self._used] or of
        item = self._chance.pick(left)
        self._used.add(key(item))
        return item

    def _number(self) -> str:
        return self._compared(self._fresh(NUMBERS, lambda column: column.name))

    def _compared(self, column: Numbers, name: str = "") -> str:
        chance = self._chance
        if len(column.cuts) > 2 and chance.whether(0.2):
            low, high = chance.some(column.cuts, 2)
            return f"{name or column.name} between {low} and {high}"
        return f"{name or column.name} {chance.pick(('>=', '>=', '>', '<', '<='))} {chance.pick(column.cuts)}"

    def _choice(self) -> str:
        return self._chosen(self._fresh(CHOICES, lambda column: column.name))

    def _chosen(self, column: Choice) -> str:
        chance = self._chance
        if chance.whether(0.5):
            return f'{column.name} {chance.pick(("=", "=", "!="))} "{chance.pick(column.values)}"'
        count = chance.number(2, max(2, len(column.values) // 2))
        listed = ", ".join(f'"{value}"' for value in chance.some(column.values, count))
        return f"{column.name} {chance.pick(('in', 'in', 'not in'))} [{listed}]"

    def _flag(self) -> str:
        name = self._fresh(FLAGS, str)
        return f"not {name}" if self._chance.whether(0.3) else name

    def _text(self) -> str:
        name = self._fresh(tuple(TEXTS), str)
        operator, values = self._chance.pick(TEXTS[name])
        folded = " ignoring case" if self._chance.whether(0.3) else ""
        return f'{name} {operator} "{self._chance.pick(values)}"{folded}'

    def _date(self) -> str:
        chance = self._chance
        near, far = chance.some(DAYS, 2)
        if chance.whether(0.3):
            name = self._fresh(AHEAD, str)
            ahead = (f"in the next {near} days", f"more than {near} days ahead", "in this month")
            return f"{name} is {chance.pick(ahead)}"
        name = self._fresh(PAST, str)
        ways = (
            f"in the last {near} days", f"in the last {chance.pick((2, 6, 12))} months", f"more than {near} days ago",
            f"between {near} and {far} days ago", f"since 202{chance.number(3, 6)}-01-01", "in this year",
        )  # fmt: skip
        return f"{name} is {chance.pick(ways)}"

    def _tier(self) -> str:
        return f'tier {self._chance.pick((">=", "<=", "="))} "{self._chance.pick(TIERS[1:3])}"'

    def _interests(self) -> str:
        way = self._chance.pick(("has any of", "has all of", "has none of"))
        listed = ", ".join(f'"{value}"' for value in self._chance.some(INTERESTS, 2))
        return f"interests {way} [{listed}]"

    def _linear(self) -> str:
        return self._chance.pick(
            (
                "spend_90 < 0.5 * spend_before",
                "spend_90 > 2 * spend_before",
                "spend_90 - spend_before >= 50 GBP",
                "total of refund.amount <= 20% of total of purchase.amount",
                "number of refund in the last 365 days > 50% of number of purchase in the last 365 days",
                "credit + spend_90 >= 100 GBP",
            )
        )

    def _account(self) -> str:
        return self._chance.pick(
            (
                'account.plan = "business"',
                'account.plan in ["business", "team"]',
                "account.seats >= 10",
                "account.seats < 5",
            )
        )

    def _known(self) -> str:
        names = [column.name for column in (*NUMBERS, *CHOICES)] + list(TEXTS)
        return f"{self._fresh(names, str)} is {self._chance.pick(('unknown', 'unknown', 'known'))}"

    def _newcomer(self) -> str:
        return f"known for at least {self._chance.pick((30, 90, 365))} days"

    def _band(self) -> str:
        score = self._chance.pick(tuple(BANDS))
        rank = self._fresh(tuple(f"{score}.{rank}" for rank in BANDS[score]), str)
        way = self._chance.pick((">= 4", "= 5", "<= 2", "between 2 and 4", ">= 3", "= 1"))
        return f"{rank} {way}"

    def _shared(self) -> str:
        return f"shared_{self._chance.number(0, DEFINES - 1):02}"

    def _stage(self) -> str:
        return f"in segment stage.{self._chance.pick(STAGES)}"

    def _consent(self) -> str:
        return f'consent.{self._chance.pick(CHANNELS)} = "{self._chance.pick(("withdrawn", "granted"))}"'

    def _rows(self, event: Did) -> str:
        """`where (...)` on the properties of a row, or nothing."""
        chance = self._chance
        if chance.whether(0.5):
            return ""
        columns: list[Numbers | Choice] = [*event.numbers, *event.choices, *event.choices]
        parts = [
            self._compared(column) if isinstance(column, Numbers) else self._chosen(column)
            for column in dict.fromkeys(chance.some(columns, min(len(columns), chance.pick((1, 1, 2)))))
        ]
        return f" where ({chance.pick((' and ', ' and ', ' or ')).join(parts)})"

    def _event(self, measure: str) -> Did:
        return self._fresh(EVENTS, lambda event: f"{measure} of {event.name}")

    def _counted(self, measure: str) -> tuple[Did, Numbers]:
        pairs = [(event, column) for event in EVENTS for column in event.numbers]
        return self._fresh(pairs, lambda pair: f"{measure} of {pair[0].name}.{pair[1].name}")

    def _window(self) -> str:
        window = self._chance.pick(WINDOWS)
        return f" {window}" if window else ""

    def _did(self) -> str:
        event = self._event("did")
        return f"did {event.name}{self._rows(event)}{self._window()}"

    def _did_not(self) -> str:
        event = self._event("did")
        return f"did not {event.name}{self._rows(event)}{self._window()}"

    def _times(self) -> str:
        event = self._event("times")
        way = self._chance.pick(("at least", "at least", "at most", "exactly", "more than", "fewer than"))
        count = self._chance.pick((2, 3, 5, 10))
        return f"did {event.name}{self._rows(event)} {way} {count} times{self._window()}"

    def _sum(self) -> str:
        event, column = self._counted("total")
        rows = self._rows(event)
        bound = self._scaled(column, self._chance.pick((2, 5, 10)))
        return (
            f"total of {event.name}.{column.name}{rows}{self._window()} {self._chance.pick(('>=', '>', '<'))} {bound}"
        )

    def _scaled(self, column: Numbers, factor: int) -> str:
        number, *unit = self._chance.pick(column.cuts).split()
        return " ".join([str(int(number) * factor), *unit])

    def _since(self) -> str:
        chance = self._chance
        event = self._event("since")
        rows = self._rows(event)
        if chance.whether(0.5):
            end, operator = chance.pick(("last", "last", "first")), chance.pick(("<=", ">", ">="))
            return f"days since {end} {event.name}{rows} {operator} {chance.pick(DAYS)}"
        return f"last {event.name}{rows} was more than {chance.pick(DAYS)} days ago"

    def _average(self) -> str:
        event, column = self._counted("average")
        value = f"average of {event.name}.{column.name}{self._rows(event)}{self._window()}"
        return f"{value} {self._chance.pick(('>=', '<'))} {self._chance.pick(column.cuts)}"

    def _extreme(self) -> str:
        event, column = self._counted("extreme")
        way, operator = self._chance.pick((("largest", ">="), ("largest", "<"), ("smallest", ">"), ("smallest", "<")))
        return f"{way} of {event.name}.{column.name}{self._window()} {operator} {self._chance.pick(column.cuts)}"

    def _distinct(self) -> str:
        event = self._event("distinct")
        column = self._chance.pick(event.choices)
        most = min(3, len(column.values) - 1)
        value = f"distinct {event.name}.{column.name}{self._window()}"
        return f"{value} {self._chance.pick(('>=', '<'))} {self._chance.number(2, most)}"

    def _any_of(self) -> str:
        names = ", ".join(event.name for event in self._chance.some(EVENTS, 2))
        return f"did {self._chance.pick(('any of', 'none of'))} {names}{self._window()}"
