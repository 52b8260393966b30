"""Which rows of a column were seen already, so that nothing is counted twice."""

from bisect import bisect_left, bisect_right


class Covered:
    """Stretches of rows; they grow together where they meet.

    >>> seen = Covered()
    >>> seen.add(0, 10), seen.add(5, 12), seen.add(0, 12), seen.count
    ([(0, 10)], [(10, 12)], [], 12)
    """

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []

    @property
    def count(self) -> int:
        """How many rows were seen."""
        return sum(self._stops) - sum(self._starts)

    def add(self, start: int, stop: int) -> list[tuple[int, int]]:
        """Add the rows from `start` to before `stop`; the stretches of them that are new."""
        if start >= stop:
            return []
        # Invariant: stretches are in order and do not touch; these are the ones that meet the new rows.
        first, last = bisect_left(self._stops, start), bisect_right(self._starts, stop)
        new, place = [], start
        for index in range(first, last):
            if place < self._starts[index]:
                new.append((place, self._starts[index]))
            place = max(place, self._stops[index])
        if place < stop:
            new.append((place, stop))
        low = min([start, *self._starts[first:last]])
        high = max([stop, *self._stops[first:last]])
        self._starts[first:last], self._stops[first:last] = [low], [high]
        return new
