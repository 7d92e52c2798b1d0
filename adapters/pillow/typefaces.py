"""Texts in the fonts at hand: which characters they have, widths, lines, and drawing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont
NO_GLYPH = "\U0010fffd"
"""A private character, which shows what a font draws for a character that it lacks."""
ELLIPSIS = "\u2026"


class Typeface:
    """One size and weight of a family whose characters are spread over several files. Without
    files it is the font that comes with Pillow, which has Latin letters only."""

    def __init__(self, files: Sequence[Path], *, size: int, weight: int) -> None:
        self._fonts = tuple(_opened(file, size, weight) for file in files if file.is_file())
        if not self._fonts:
            self._fonts = (_built_in(size),)
        self.line_height = round(size * 1.25)

    def drawable(self, text: str) -> str:
        """The text without what the fonts lack; '' if a letter, digit or mark is lacking."""
        kept: list[str] = []
        for character, font in self._with_fonts(unicodedata.normalize("NFC", text)):
            if font:
                kept.append(character)
            elif unicodedata.category(character)[0] in "LMN":
                return ""
        return " ".join("".join(kept).split())

    def width(self, text: str) -> float:
        """In pixels."""
        return sum(font.getlength(run) for run, font in self._runs(text))

    def lines(self, text: str, *, width: int, most: int) -> list[str]:
        """The text in lines of at most `width`, the last of `most` lines with an ellipsis if
        more follows. Words that are too long are broken."""
        lines: list[str] = []
        rest = text
        while rest and len(lines) < most:
            line = self._first_line(rest, width)
            rest = rest[len(line) :].lstrip()
            lines.append(line.rstrip())
        if rest:
            lines[-1] = self._cut(lines[-1], width)
        return lines

    def draw(
        self, draw: ImageDraw.ImageDraw, place: tuple[float, float], text: str, ink: str
    ) -> None:
        """`place` is where the text begins on its baseline."""
        x, y = place
        for run, font in self._runs(text):
            draw.text((x, y), run, font=font, fill=ink, anchor="ls")
            x += font.getlength(run)

    def _first_line(self, text: str, width: int) -> str:
        end = _longest(len(text), lambda count: self.width(text[:count].rstrip()) <= width)
        if end == len(text):
            return text
        space = text.rfind(" ", 0, end + 1)
        return text[:space] if space > 0 else text[:end]

    def _cut(self, line: str, width: int) -> str:
        end = _longest(
            len(line), lambda count: self.width(line[:count].rstrip() + ELLIPSIS) <= width
        )
        return line[:end].rstrip() + ELLIPSIS

    def _runs(self, text: str) -> Iterator[tuple[str, Font]]:
        """Neighbouring characters of one font together."""
        run, current = "", self._fonts[0]
        for character, font in self._with_fonts(text):
            if font and font is not current and run:
                yield run, current
                run = ""
            current = font or current
            run += character
        if run:
            yield run, current

    def _with_fonts(self, text: str) -> Iterator[tuple[str, Font | None]]:
        """Marks and spaces have the font of the character before them."""
        current = self._fonts[0]
        for character in text:
            if character.isspace():
                yield character, current
                continue
            is_mark = unicodedata.category(character)[0] == "M"
            fonts = (current,) if is_mark else self._fonts
            found = next((font for font in fonts if _has(font, character)), None)
            current = found or current
            yield character, found


def _longest(most: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to `most`, at least 1, that fits."""
    low, high = 1, most
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low


@lru_cache(maxsize=65_536)
def _has(font: Font, character: str) -> bool:
    """Pillow does not tell the characters of a font, so the drawn glyphs are compared."""
    return _glyph(font, character) != _glyph(font, NO_GLYPH)


def _glyph(font: Font, character: str) -> tuple[bytes, tuple[int, int], float]:
    mask = font.getmask(character)
    return bytes(mask), mask.size, font.getlength(character)


def _opened(file: Path, size: int, weight: int) -> Font:
    font = ImageFont.truetype(BytesIO(file.read_bytes()), size)
    font.set_variation_by_axes([weight])
    return font


def _built_in(size: int) -> Font:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "Pillow is built with FreeType"
    return font
