"""Which lines two texts have in common, found with a bounded amount of work.

Lines that both texts have once are anchors (patience diff); between them the shortest edit is
searched (E. Myers, "An O(ND) Difference Algorithm", 1986). Where the work is used up, the rest
counts as replaced, which is right, only longer than necessary.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

WORK_AT_MOST = 1_000_000
"""Comparisons of lines, about half a second."""
EDITS_AT_MOST = 400
"""In one search; its memory grows with the square."""
Pairs = list[tuple[int, int]]


def common_lines(old: Sequence[str], new: Sequence[str], *, work: int = WORK_AT_MOST) -> Pairs:
    """Pairs of places of equal lines, rising in both texts."""
    return Matching(old, new, work).pairs()


class Matching:
    def __init__(self, old: Sequence[str], new: Sequence[str], work: int) -> None:
        numbers: dict[str, int] = {}
        self._old = [numbers.setdefault(line, len(numbers)) for line in old]
        self._new = [numbers.setdefault(line, len(numbers)) for line in new]
        self.work = work

    def pairs(self) -> Pairs:
        found: Pairs = []
        waiting = [(0, len(self._old), 0, len(self._new))]
        while waiting:
            a, a_end, b, b_end = waiting.pop()
            a, a_end, b, b_end, same = self._trimmed(a, a_end, b, b_end)
            found += same
            self.work -= a_end - a + b_end - b
            if a == a_end or b == b_end or self.work <= 0:
                continue
            anchors = self._anchors(a, a_end, b, b_end)
            if not anchors:
                found += self._shortest(a, a_end, b, b_end)
            for x, y in anchors:
                waiting.append((a, x, b, y))
                a, b = x, y
            if anchors:
                waiting.append((a, a_end, b, b_end))
        return sorted(found)

    def _trimmed(self, a: int, a_end: int, b: int, b_end: int) -> tuple[int, int, int, int, Pairs]:
        """Without the lines that are equal at the beginning and at the end."""
        same: Pairs = []
        while a < a_end and b < b_end and self._old[a] == self._new[b]:
            same.append((a, b))
            a, b = a + 1, b + 1
        while a < a_end and b < b_end and self._old[a_end - 1] == self._new[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
            same.append((a_end, b_end))
        return a, a_end, b, b_end, same

    def _anchors(self, a: int, a_end: int, b: int, b_end: int) -> Pairs:
        """Lines that both parts have once, as many as rise in both."""
        old, new = Counter(self._old[a:a_end]), Counter(self._new[b:b_end])
        places = {self._new[y]: y for y in range(b, b_end) if new[self._new[y]] == 1}
        once = [
            (x, places[self._old[x]])
            for x in range(a, a_end)
            if old[self._old[x]] == 1 and self._old[x] in places
        ]
        return _rising(once)

    def _shortest(self, a: int, a_end: int, b: int, b_end: int) -> Pairs:
        """The pairs of the shortest edit; none if it is too long, or too much work."""
        n, m = a_end - a, b_end - b
        reached = {1: 0}
        history: list[dict[int, int]] = []
        for edits in range(min(n + m, EDITS_AT_MOST) + 1):
            history.append(dict(reached))
            for k in range(-edits, edits + 1, 2):
                down = k == -edits or (k != edits and reached[k - 1] < reached[k + 1])
                x = reached[k + 1] if down else reached[k - 1] + 1
                start = x
                while x < n and x - k < m and self._old[a + x] == self._new[b + x - k]:
                    x += 1
                reached[k] = x
                self.work -= 1 + x - start
                if x >= n and x - k >= m:
                    return [(a + x, b + y) for x, y in _walked(history, n, m)]
            if self.work <= 0:
                return []
        return []


def _walked(history: Sequence[dict[int, int]], x: int, y: int) -> Pairs:
    """The equal lines on the way that was found, from its end to its beginning."""
    pairs: Pairs = []
    for edits in range(len(history) - 1, -1, -1):
        reached, k = history[edits], x - y
        down = k == -edits or (k != edits and reached[k - 1] < reached[k + 1])
        before = k + 1 if down else k - 1
        before_x = reached[before]
        before_y = before_x - before
        while x > max(before_x, 0) and y > max(before_y, 0):
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = before_x, before_y
    return pairs


def _rising(pairs: Pairs) -> Pairs:
    """The longest part whose second numbers rise as the first do."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, y) in enumerate(pairs):
        at = bisect_left(ends, y)
        ends[at : at + 1] = [y]
        last[at : at + 1] = [number]
        before.append(last[at - 1] if at else -1)
    found: Pairs = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
