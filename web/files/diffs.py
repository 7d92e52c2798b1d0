"""What changed between two texts, by the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from web.files.highlighting import coloured, language_of, plain_lines
from web.files.matching import common_lines

CONTEXT = 3
"""Equal lines that are shown before and after a change."""


class Sign(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison. `number` is its number in the old text if it was removed, in the new
    one otherwise; of equal lines that are left out it is their count."""

    sign: Sign
    number: int
    line: Markup


@dataclass(frozen=True, slots=True)
class Comparison:
    """`rows` are the changes and the lines around them. `is_cut` says that one of the texts is
    longer than what was compared."""

    rows: Sequence[Row]
    added: int
    removed: int
    is_cut: bool

    @property
    def is_same(self) -> bool:
        return not self.added and not self.removed

    @property
    def sides(self) -> Sequence[tuple[Row | None, Row | None]]:
        """Old and new beside each other: each removed line and an added one of the same change."""
        return tuple(_sides(self.rows))


def compare(old: str, new: str, *, name: str, context: int = CONTEXT) -> Comparison:
    """The changes of the file `name`, whose ending tells the language. Different line ends are no
    change. It takes up to a second, so that pages call it in a thread."""
    (before, old_cut), (after, new_cut) = plain_lines(old), plain_lines(new)
    language = language_of(name)
    rows = list(
        _rows(coloured(before, language), coloured(after, language), common_lines(before, after))
    )
    return Comparison(
        rows=_shortened(rows, context),
        added=sum(row.sign is Sign.ADDED for row in rows),
        removed=sum(row.sign is Sign.REMOVED for row in rows),
        is_cut=old_cut or new_cut,
    )


def _rows(
    old: Sequence[Markup], new: Sequence[Markup], common: Sequence[tuple[int, int]]
) -> Iterator[Row]:
    """All lines in their order, removed ones before added ones."""
    x = y = 0
    for same_x, same_y in (*common, (len(old), len(new))):
        yield from (Row(Sign.REMOVED, number + 1, old[number]) for number in range(x, same_x))
        yield from (Row(Sign.ADDED, number + 1, new[number]) for number in range(y, same_y))
        if same_y < len(new):
            yield Row(Sign.SAME, same_y + 1, new[same_y])
        x, y = same_x + 1, same_y + 1


def _shortened(rows: Sequence[Row], context: int) -> list[Row]:
    """Long runs of equal lines become one row with their count."""
    near: set[int] = set()
    for number, row in enumerate(rows):
        if row.sign is not Sign.SAME:
            near.update(range(number - context, number + context + 1))
    shown: list[Row] = []
    left_out = 0
    for number, row in enumerate(rows):
        if number not in near:
            left_out += 1
            continue
        if left_out:
            shown.append(_left_out(left_out))
            left_out = 0
        shown.append(row)
    return [*shown, _left_out(left_out)] if left_out else shown


def _left_out(count: int) -> Row:
    return Row(Sign.LEFT_OUT, count, Markup(""))


def _sides(rows: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    removed: list[Row] = []
    added: list[Row] = []
    for row in (*rows, None):
        if row and row.sign is Sign.REMOVED and not added:
            removed.append(row)
        elif row and row.sign is Sign.ADDED:
            added.append(row)
        else:
            for place in range(max(len(removed), len(added))):
                yield _at(removed, place), _at(added, place)
            removed, added = [], []
            if row and row.sign is Sign.REMOVED:
                removed.append(row)
            elif row:
                yield row, row


def _at(rows: Sequence[Row], place: int) -> Row | None:
    return rows[place] if place < len(rows) else None
