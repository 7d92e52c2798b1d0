"""Draws documents on A4 pages.

fpdf2 and fontTools are imported with the first document: they take an eighth of the start of a
process, and most processes never make a document.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ports.printing import Printer, Sheet

if TYPE_CHECKING:
    from adapters.fpdf.fonts import Fonts

AT_ONCE = 2
"""Documents that a process makes at the same time: each takes a good part of a second of a core."""


class FpdfPrinter(Printer):
    """`folder` is that of the fonts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free = asyncio.Semaphore(AT_ONCE)

    async def pdf(self, sheet: Sheet) -> bytes:
        async with self._free:
            return await asyncio.to_thread(self._draw, sheet)

    def _draw(self, sheet: Sheet) -> bytes:
        from adapters.fpdf.page import drawn

        return drawn(self._fonts, sheet)

    @cached_property
    def _fonts(self) -> Fonts:
        from adapters.fpdf.fonts import Fonts

        return Fonts(self._folder)
