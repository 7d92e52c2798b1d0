"""A document on A4 pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from adapters.fpdf.fonts import LATIN, Fonts, at_weight
from ports.printing import Fact, Row, Sheet, Sum

Part = TypeVar("Part")

MARGIN, WIDTH, GAP = 16.0, 178.0, 8.0
"""Millimetres: of the page, of the text, between columns."""
HALF = (WIDTH - GAP) / 2
INK, SOFT, LINE, BRAND = (14, 30, 34), (63, 82, 86), (199, 209, 209), (11, 85, 99)
FAMILY = "document"
WEIGHTS = {"": 400, "B": 700}


def drawn(fonts: Fonts, sheet: Sheet) -> bytes:
    """The PDF file of the sheet."""
    shown = _each_text(sheet, fonts.printable)
    page = Page(fonts, shown)
    page.draw(shown)
    return bytes(page.output())


class Page(FPDF):
    """The pages of one sheet. Positions are in millimetres."""

    def __init__(self, fonts: Fonts, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self.sheet = sheet
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN + 6)
        self.set_text_shaping(True)
        self.set_title(f"{sheet.title} {sheet.number}")
        self.set_author(sheet.issuer)
        self.set_lang("en")
        self.set_creation_date(sheet.issued_at)
        self._add_fonts(fonts, sheet)
        self.add_page()

    def _add_fonts(self, fonts: Fonts, sheet: Sheet) -> None:
        """The fonts that the sheet needs; the first is the usual one. Bold words are in Latin
        letters; a name that is among them is drawn at the usual weight."""
        names = list[str]()
        for number, font in enumerate(fonts.for_text(" ".join(_texts(sheet)))):
            names.append(FAMILY if number == 0 else f"{FAMILY}{number}")
            for style, weight in WEIGHTS.items():
                if not style or font.path.name in LATIN:
                    self.add_font(names[-1], style, at_weight(font.path, weight))
        self.set_fallback_fonts(names[1:], exact_match=False)

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self._use(8, SOFT)
        text = f"{self.sheet.issuer}   {self.sheet.number}   Page {self.page_no()} of {{nb}}"
        self.cell(WIDTH, 4, text, align=Align.C)

    def draw(self, sheet: Sheet) -> None:
        self._head(sheet)
        self._blocks(sheet)
        self._table(sheet)
        self._calculation(sheet)
        if sheet.in_words:
            self._text(sheet.in_words, size=10, style="B", after=4)
        self._text(sheet.hint, size=9, colour=SOFT)

    def _head(self, sheet: Sheet) -> None:
        self._use(12, BRAND, "B")
        self.cell(WIDTH / 2, 6, sheet.issuer)
        self._use(10, INK, "B")
        self.cell(WIDTH / 2, 6, sheet.badge, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(6)
        top = self.get_y()
        self._text(sheet.title, size=20, style="B", width=HALF)
        self._text(sheet.under, size=10, colour=SOFT, width=HALF)
        left_end = self.get_y()
        self.set_y(top)
        self._facts(sheet.facts, x=MARGIN + HALF + GAP)
        self.set_y(max(left_end, self.get_y()) + 6)

    def _blocks(self, sheet: Sheet) -> None:
        """Two beside each other."""
        top = end = self.get_y()
        for number, block in enumerate(sheet.blocks):
            if number and number % 2 == 0:
                top = end = end + 4
            x = MARGIN + (number % 2) * (HALF + GAP)
            self.set_y(top)
            self._text(block.heading, size=9, colour=SOFT, style="B", width=HALF, x=x)
            self._text(block.name, size=11, width=HALF, x=x)
            for line in block.lines:
                self._text(line, size=9, colour=SOFT, width=HALF, x=x)
            end = max(end, self.get_y())
        self.set_y(end + 6)

    def _table(self, sheet: Sheet) -> None:
        others = max(len(sheet.columns) - 1, 1)
        narrow = 32.0 if others < 4 else 26.0
        wide = WIDTH - others * narrow
        self._use(9, SOFT, "B")
        for number, heading in enumerate(sheet.columns):
            self.cell(narrow if number else wide, 6, heading, align=Align.R if number else Align.L)
        self.ln(7)
        self._rule()
        for row in sheet.rows:
            self._row(row, wide, narrow)
            self._rule()
        self.ln(5)

    def _row(self, row: Row, wide: float, narrow: float) -> None:
        if self.will_page_break(22):
            self.add_page()
        top, page = self.get_y() + 2, self.page
        self.set_y(top)
        self._text(row.what, size=10, width=wide - 4)
        if row.small:
            self._text(row.small, size=9, colour=SOFT, width=wide - 4)
        end = self.get_y()
        if self.page == page:
            self.set_y(top)
        self._use(10, INK)
        for number, cell in enumerate(row.cells):
            self.set_x(MARGIN + wide + (number + others_missing(row, wide, narrow)) * narrow)
            self.cell(narrow, 5, cell, align=Align.R)
        self.set_y(max(end, self.get_y() + 5) + 2)

    def _calculation(self, sheet: Sheet) -> None:
        if self.will_page_break(6.0 * max(len(sheet.details), len(sheet.sums)) + 10):
            self.add_page()
        top = self.get_y()
        self._facts(sheet.details, x=MARGIN)
        end = self.get_y()
        self.set_y(top)
        for each in sheet.sums:
            self._sum(each)
        self.set_y(max(end, self.get_y()) + 6)

    def _sum(self, each: Sum) -> None:
        style, x = ("B" if each.total else ""), MARGIN + HALF + GAP
        if each.total:
            self._rule(x)
        top = self.get_y()
        self._text(each.label, size=10, style=style, width=HALF - 36, x=x)
        end = self.get_y()
        self.set_xy(x + HALF - 36, top)
        self._use(10, INK, style)
        self.cell(36, 5, each.amount, align=Align.R)
        self.set_y(end + 1)

    def _facts(self, facts: Sequence[Fact], *, x: float) -> None:
        for fact in facts:
            top = self.get_y()
            self._text(fact.label, size=9, colour=SOFT, width=28, x=x)
            label_end = self.get_y()
            self.set_y(top)
            self._text(fact.value, size=9, width=HALF - 30, x=x + 30)
            self.set_y(max(label_end, self.get_y()) + 1)

    def _text(
        self,
        text: str,
        *,
        size: float,
        colour: tuple[int, int, int] = INK,
        style: str = "",
        width: float = WIDTH,
        x: float = MARGIN,
        after: float = 0,
    ) -> None:
        self._use(size, colour, style)
        self.set_x(x)
        height = size * 0.5
        self.multi_cell(
            width, height, text, align=Align.L, padding=0, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.ln(after)

    def _rule(self, x: float = MARGIN) -> None:
        self.set_draw_color(*LINE)
        self.line(x, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.set_y(self.get_y() + 1)

    def _use(self, size: float, colour: tuple[int, int, int], style: str = "") -> None:
        # Text with a fallback font leaves the page at another size than the last one that was set,
        # and the same size again would be taken as no change.
        self.font_family = ""
        self.set_font(FAMILY, style, size)
        self.set_text_color(*colour)


def others_missing(row: Row, wide: float, narrow: float) -> int:
    """A row with fewer cells than the table has them on the right."""
    return round((WIDTH - wide) / narrow) - len(row.cells)


def _texts(value: object) -> Iterator[str]:
    """Every text of a sheet and its parts."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)


def _each_text(part: Part, change: Any) -> Part:
    """The part with each text changed."""
    changed: Any = part
    if isinstance(part, str):
        return change(part)  # type: ignore[no-any-return]
    if isinstance(part, tuple):
        changed = tuple(_each_text(each, change) for each in part)
    elif is_dataclass(part) and not isinstance(part, type):
        values: Iterable[tuple[str, Any]] = (
            (each.name, _each_text(getattr(part, each.name), change)) for each in fields(part)
        )
        changed = replace(part, **dict(values))
    return changed  # type: ignore[no-any-return]
