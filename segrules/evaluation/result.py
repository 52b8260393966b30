"""What a run or an evaluation gives back to Python."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow.found import Found
from segrules.diagnostics.errors import BadInput, UnknownName
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.evaluation.arms import ARMS, arms, in_arm
from segrules.evaluation.report import figures_json, summary_json
from segrules.evaluation.shared import Bits, packed, shared_members
from segrules.evaluation.tables import wide
from segrules.ir.rules import Rules
from segrules.reference.outcome import RankReport

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """Who is in which segment, at one instant.

    All arrays have one entry for each customer, in the order of the customers' table (derived customers by key,
    and with `engine="reference"` all).
    Nothing is copied out of the engine before it is asked for, and nothing changes afterwards: a result can be shared
    between threads, copied and pickled.

        result["champions"]            a boolean for each customer: is it a member, one who may be contacted?
        result.members("champions")    the members' keys
        result.arms("champions")       the arm of each member, where some are held out
        result.summary()               sizes, as in summary.json
    """

    findings: tuple[Finding, ...]
    """What is wrong or worth knowing about the rules, the data and the sizes, by place."""
    out: Path | None = None
    """The folder that was written, None where nothing was."""
    files: tuple[str, ...] = ()
    """The names of the files in it."""
    _rules: Rules = field(kw_only=True)
    _found: Found = field(kw_only=True)

    def __repr__(self) -> str:
        as_of = self.as_of
        moment = as_of.date() if as_of.time() == time.min else as_of
        held = [f"as_of {moment.isoformat()}", _counted(self._found.customers, "customer")]
        held.append(_counted(len(self), "segment"))
        if self.partitions:
            held.append(_counted(len(self.partitions), "partition"))
        return f"Result({', '.join(held)}{'' if self.out is None else f'; in {str(self.out)!r}'})"

    @property
    def as_of(self) -> datetime:
        """The instant, in the catalogue's time zone."""
        return self._found.as_of

    @property
    def keys(self) -> pa.Array:
        """The customers' keys: whole numbers or text."""
        return self._found.keys

    @property
    def segments(self) -> tuple[str, ...]:
        """The names of the segments that were evaluated, sorted."""
        return tuple(sorted(self._found.members))

    @property
    def partitions(self) -> tuple[str, ...]:
        """The names of the partitions, sorted."""
        return tuple(sorted(self._found.entries))

    def __iter__(self) -> Iterator[str]:
        """The names of the segments, sorted."""
        return iter(self.segments)

    def __len__(self) -> int:
        """How many segments were evaluated."""
        return len(self._found.members)

    def __bool__(self) -> bool:
        """A result is true, even one without segments."""
        return True

    def __contains__(self, name: object) -> bool:
        """Whether a segment of this name was evaluated."""
        return isinstance(name, str) and name in self._found.members

    def __getitem__(self, segment: str) -> pa.BooleanArray:
        """Whether each customer is a member, one who may be contacted: true or false, never null.

        Raises:
            UnknownName: no such segment was evaluated; it is a `BadInput` and a `KeyError`.
        """
        return self._of(self._found.members, segment, "segment")

    def qualifying(self, segment: str) -> pa.BooleanArray:
        """Whether each customer is known to qualify, consent and suppression left aside.

        Null where a missing value leaves it open, if the evaluation was asked for that with `three_valued`; else
        false there.

        Raises:
            UnknownName: no such segment was evaluated; it is a `BadInput` and a `KeyError`.
        """
        return self._of(self._found.qualifying, segment, "segment")

    def members(self, segment: str, *, arm: str | None = None) -> pa.Array:
        """The keys of the members, sorted; with `arm` of those in that arm only: `treated` or `holdout`.

        Raises:
            UnknownName: no such segment was evaluated; it is a `BadInput` and a `KeyError`.
            BadInput: there is no such arm.
        """
        members = self[segment]
        if arm is not None:
            if arm not in ARMS:
                raise BadInput(f"`{arm}` is no arm", help="the arms are `treated` and `holdout`")
            members = in_arm(self._found, segment, arm)
        keys = self.keys.filter(members)
        return keys if self._found.is_sorted else keys.take(pc.sort_indices(keys))

    def arms(self, segment: str) -> pa.DictionaryArray:
        """The arm of each customer who is a member, `treated` or `holdout`; null for all others.

        Without a holdout all members are treated.

        Raises:
            UnknownName: no such segment was evaluated; it is a `BadInput` and a `KeyError`.
        """
        self._of(self._found.members, segment, "segment")
        return arms(self._found, segment)

    def partition(self, name: str) -> pa.DictionaryArray:
        """The stage of each customer in a partition, or the name of its `otherwise`.

        Raises:
            UnknownName: no such partition was evaluated.
        """
        return self._of(self._found.entries, name, "partition")

    def table(self, *, partitions: bool = False, arms: bool = False) -> pa.Table:
        """One row for each customer: `customer_id`, then a boolean column for every segment, sorted by name.

        The booleans are true for members who are held out, too: with `arms` a dictionary column `NAME.arm` stands
        behind the column of every segment with a holdout.
        With `partitions` a dictionary column for every partition, with the customer's stage, comes behind.

        Raises:
            BadInput: a segment, or a partition that has a column, is called `customer_id`.
        """
        return wide(self._found, with_partitions=partitions, with_arms=arms)

    def to_pandas(self, *, partitions: bool = False, arms: bool = False) -> "pd.DataFrame":
        """The same as a pandas frame, whose index is the customers' keys; partitions and arms become categories.

        Raises:
            BadInput: a segment, or a partition that has a column, is called `customer_id`.
            ImportError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("`to_pandas` needs pandas: `pip install pandas`", name="pandas") from error
        frame: pd.DataFrame = self.table(partitions=partitions, arms=arms).to_pandas().set_index("customer_id")
        return frame

    def summary(self) -> dict[str, Any]:
        """Sizes of all segments and partitions, as they stand in `summary.json`."""
        return summary_json(self._rules, self._found)

    def ranks(self) -> Mapping[str, Mapping[str, RankReport]]:
        """How each rank of each score was cut: customers scored, those without a value, and the bands' values."""
        return self._found.ranks

    def figures(self) -> list[dict[str, Any]]:
        """Population figures and `top` in the order of the rules: in words, what they came to, who was left out."""
        return figures_json(self._rules, self._found.figures)

    def overlap(self, one: str, other: str) -> int:
        """How many customers are members of both segments.

        Raises:
            UnknownName: no such segment was evaluated; it is a `BadInput` and a `KeyError`.
        """
        self[one], self[other]
        names = self.segments
        both = self._bits[names.index(one)] & self._bits[names.index(other)]
        return int(np.bitwise_count(both).sum())

    def overlaps(self) -> pa.Table:
        """How many customers each two segments share: `segment`, `other`, `customers`; each pair once, by name."""
        names = self.segments
        pairs = list(combinations(range(len(names)), 2))
        shared = shared_members(self._bits)
        return pa.table(
            {
                "segment": pa.array([names[one] for one, _ in pairs], pa.string()),
                "other": pa.array([names[other] for _, other in pairs], pa.string()),
                "customers": pa.array([int(shared[pair]) for pair in pairs], pa.int64()),
            }
        )

    @cached_property
    def _bits(self) -> Bits:
        return packed([self._found.members[name] for name in self.segments])

    def _of(self, arrays: Mapping[str, Any], name: str, kind: str) -> Any:
        if not isinstance(name, str) or name not in arrays:
            raise UnknownName(f"no {kind} `{name}` was evaluated", help=self._instead(arrays, str(name), kind))
        return arrays[name]

    def _instead(self, arrays: Mapping[str, Any], name: str, kind: str) -> str:
        if name in self._found.entries:
            return f"`{name}` is a partition: `result.partition({name!r})`"
        if name in self._found.members:
            return f"`{name}` is a segment: `result[{name!r}]`"
        if kind == "segment" and name in self._rules.segments:
            return 'evaluate it, too: name it in `segments`, and a draft needs `include="draft"`'
        if not arrays:
            return f"no {kind} was evaluated at all"
        some = ", ".join(f"`{item}`" for item in sorted(arrays)[:10]) + (" and more" if len(arrays) > 10 else "")
        return did_you_mean(name, arrays) or f"there are {some}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
