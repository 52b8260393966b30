"""A number of members into a band that is wide enough to tell of nobody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """How many members there were at an instant, as a band: from `least` to `most`, both ends in."""

    as_of: str
    least: int
    most: int

    @property
    def words(self) -> str:
        """The band in words.

        >>> Measured("2026-11-01", 100, 999).words
        '100 to 999 members'
        """
        if self.most == 0:
            return "no members"
        return (
            f"fewer than {self.most + 1:,} members" if self.least == 1 else f"{self.least:,} to {self.most:,} members"
        )


def band(members: int, as_of: str, min_cell: int) -> Measured:
    """The band of a number: nobody, fewer than `min_cell`, or up to the next power of ten.

    >>> band(5, "", 11).words, band(42, "", 11).words, band(1000, "", 11).words
    ('fewer than 11 members', '11 to 99 members', '1,000 to 9,999 members')
    """
    if members == 0:
        return Measured(as_of, 0, 0)
    if members < min_cell:
        return Measured(as_of, 1, min_cell - 1)
    power = 10 ** (len(str(members)) - 1)
    return Measured(as_of, max(power, min_cell), max(power * 10 - 1, min_cell))
