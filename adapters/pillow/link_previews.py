"""Link previews drawn with Pillow, in the font of the site."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from cachetools import LRUCache
from PIL import Image, ImageDraw

from adapters.pillow.typefaces import Typeface
from ports.link_previews import PREVIEW_SIZE, LinkPreview, LinkPreviews, PreviewsBusy

WAITING_MAXIMUM = 16
"""Drawing one takes about 120 ms, so that the last one waits two seconds."""
KEPT = 128
"""Pictures of about 20 kB in memory. Crawlers come several times within minutes."""
MARGIN = 80
WIDTH = PREVIEW_SIZE[0] - 2 * MARGIN
BACKGROUND, WHITE, SOFT, ACCENT = "#0b5563", "#ffffff", "#d3e5e8", "#f4b144"
SITE = "1HourDeveloper"
NO_TEXT = "Book a developer by the hour"
"""Shown if the fonts have no text of the profile."""
TITLE_SIZES = (92, 80, 68, 56)
"""The largest is used in which the title fits in two lines."""
TITLE_LINES, HEADLINE_LINES = 2, 3
BOLD, REGULAR = 700, 450
COLOURS = 64
"""Few, so that the file is small."""


class PillowLinkPreviews(LinkPreviews):
    """`fonts` are the files of one family; those that are missing are not used."""

    def __init__(self, fonts: Sequence[Path] = ()) -> None:
        self._fonts = tuple(fonts)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="link-previews")
        self._gate = asyncio.Semaphore(1)
        self._waiting = 0
        self._kept: LRUCache[LinkPreview, bytes] = LRUCache(KEPT)

    async def draw(self, preview: LinkPreview) -> bytes:
        if kept := self._kept.get(preview):
            return kept
        if self._waiting >= WAITING_MAXIMUM:
            raise PreviewsBusy
        self._waiting += 1
        try:
            async with self._gate:
                return await self._drawn_once(preview)
        finally:
            self._waiting -= 1

    async def _drawn_once(self, preview: LinkPreview) -> bytes:
        """Another request may have drawn the same one while this one waited."""
        if kept := self._kept.get(preview):
            return kept
        loop = asyncio.get_running_loop()
        drawn = await loop.run_in_executor(self._thread, _picture, preview, self._fonts)
        self._kept[preview] = drawn
        return drawn


def _picture(preview: LinkPreview, files: tuple[Path, ...]) -> bytes:
    image = Image.new("RGB", PREVIEW_SIZE, BACKGROUND)
    draw = ImageDraw.Draw(image)
    bold, small = typeface(files, 48, BOLD), typeface(files, 44, REGULAR)
    shown = [text for text in map(small.drawable, (preview.name, preview.headline)) if text]
    title, *more = shown or [NO_TEXT]
    y = _title(draw, title, files)
    for line in small.lines(more[0], width=WIDTH, most=HEADLINE_LINES) if more else ():
        small.draw(draw, (MARGIN, y), line, SOFT)
        y += small.line_height
    bottom = PREVIEW_SIZE[1] - MARGIN
    if bold.drawable(price := " ".join(preview.price.split())) == price:  # never without currency
        bold.draw(draw, (MARGIN, bottom), price, ACCENT)
    _sign(draw, bold, bottom)
    out = BytesIO()
    image.quantize(COLOURS).save(out, "PNG", optimize=True)
    return out.getvalue()


def _title(draw: ImageDraw.ImageDraw, title: str, files: tuple[Path, ...]) -> float:
    """Draws it and returns the baseline of the first line below."""
    faces = [typeface(files, size, BOLD) for size in TITLE_SIZES]
    face = next((f for f in faces if len(_title_lines(f, title, 9)) <= TITLE_LINES), faces[-1])
    y = float(MARGIN) + face.line_height * 0.8
    for line in _title_lines(face, title, TITLE_LINES):
        face.draw(draw, (MARGIN, y), line, WHITE)
        y += face.line_height
    return y


def _title_lines(face: Typeface, title: str, most: int) -> list[str]:
    return face.lines(title, width=WIDTH, most=most)


def _sign(draw: ImageDraw.ImageDraw, face: Typeface, baseline: int) -> None:
    """The name of the site at the right, with the clock of its logo."""
    left = PREVIEW_SIZE[0] - MARGIN - face.width(SITE)
    face.draw(draw, (left, baseline), SITE, WHITE)
    x, y, radius = left - 44, baseline - 17, 26
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=WHITE)
    draw.line((x, y, x, y - 17), fill=BACKGROUND, width=5)
    draw.line((x, y, x + 7, y - 12), fill=ACCENT, width=5)


@lru_cache(maxsize=32)
def typeface(files: tuple[Path, ...], size: int, weight: int) -> Typeface:
    """Opened once; used in one thread only."""
    return Typeface(files, size=size, weight=weight)
