"""The fonts of documents: of many small files, those that have the characters of a text.

A folder has a JSON file for each family, with the characters of each of its subsets, and a
variable font for each subset that is used (web/static/fonts.txt).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_ident

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FIRST = ("noto-sans",)
"""The families that are tried before the others: of the scripts that most documents have."""
LAST = ("noto-sans-sc",)
BASE = "noto-sans-latin-wght-normal.woff2"
LATIN = frozenset({BASE, "noto-sans-latin-ext-wght-normal.woff2"})
VARIABLE = {"fvar", "gvar", "avar", "cvar", "HVAR", "MVAR", "STAT"}
"""The tables of a variable font. Without them it has its default weight."""


@dataclass(frozen=True, slots=True)
class Font:
    """One file, and the ranges of characters it may have."""

    path: Path
    ranges: tuple[tuple[int, int], ...]

    def may_have(self, code: int) -> bool:
        return any(first <= code <= last for first, last in self.ranges)


class Fonts:
    """The fonts of a folder. Files are read when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: tuple[Font, ...] | None = None

    def for_text(self, text: str) -> list[Font]:
        """The fonts that the text needs, the basic one first."""
        base, *others = self._all()
        wanted = {ord(char) for char in text} - characters_of(base.path)
        found = [base]
        for font in others:
            if any(font.may_have(code) for code in wanted):
                had = wanted & characters_of(font.path)
                wanted -= had
                if had:
                    found.append(font)
        return found

    def printable(self, text: str) -> str:
        """The text, with the code of each character that no font has: `[U+1F600]`. Characters that
        show nothing are left out."""
        if text.isascii():
            return text
        had = set().union(*(characters_of(font.path) for font in self.for_text(text)))
        return "".join(_shown(char, had) for char in text)

    def _all(self) -> tuple[Font, ...]:
        if self._found is None:
            self._found = tuple(_in_order(self._folder))
        return self._found


def _shown(char: str, had: set[int]) -> str:
    if ord(char) in had or char in "\n ":
        return char
    if char.isspace():
        return " "
    unseen = unicodedata.category(char) in ("Cf", "Mn", "Me", "Cc")
    return "" if unseen else f"[U+{ord(char):04X}]"


def _in_order(folder: Path) -> Iterator[Font]:
    """The basic font, the rest of its family, other scripts, and Chinese, which has most files."""
    families = sorted(path.stem for path in folder.glob("*.json"))
    others = [name for name in families if name not in (*FIRST, *LAST)]
    yield from sorted(
        (font for name in (*FIRST, *others, *LAST) for font in _family(folder, name)),
        key=lambda font: font.path.name != BASE,
    )


def _family(folder: Path, family: str) -> Iterator[Font]:
    listed = json.loads((folder / f"{family}.json").read_text(encoding="utf-8"))
    for subset, ranges in listed.items():
        path = folder / f"{family}-{subset.strip('[]')}-wght-normal.woff2"
        if path.exists():
            yield Font(path, tuple(_ranges(ranges)))


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        first, _, last = part.strip().removeprefix("U+").partition("-")
        yield int(first, 16), int(last or first, 16)


@lru_cache(maxsize=256)
def characters_of(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=256)
def at_weight(path: Path, weight: int) -> Path:
    """The font at one weight, in a file that is removed with the process."""
    made = Path(_folder().name) / f"{path.stem}-{weight}.ttf"
    beside = made.with_suffix(f".{get_ident()}")  # another thread may make it, too
    with TTFont(path) as font:
        if font["fvar"].axes[0].defaultValue == weight:
            for table in VARIABLE & set(font.keys()):
                del font[table]
        else:
            instantiateVariableFont(font, {"wght": float(weight)}, inplace=True)
        font.flavor = None
        font.save(beside)
    return beside.replace(made)


@lru_cache(maxsize=1)
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="onehour-fonts-")
