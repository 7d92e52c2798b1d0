"""Texts and code by the line, read-only, with colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup, escape

from core.characters import DIRECTIONS
from ports.inspection import CUT, LINE_MAXIMUM
from web.shared.code import (
    CHARACTERS_AT_MOST,
    LANGUAGES,
    LINE_AT_MOST,
    LINES_AT_MOST,
    highlighted_lines,
)

TEXT_AT_MOST = 1_000_000
"""Characters that are looked at."""
SHOWN_AT_MOST = 5_000
"""Lines."""
COLOURED_AT_MOST = 16_000
"""Characters with colours; the rest is plain. They are read in pieces, because the time that the
expressions of a language need is bounded for short pieces only."""
LINE_END = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
ENDINGS = {
    "bash": "bash zsh", "c": "h", "cpp": "cc cxx hpp hh", "csharp": "cs", "go": "go",
    "html": "htm xhtml jinja", "ini": "cfg conf", "js": "mjs cjs jsx", "kotlin": "kt kts",
    "make": "mk", "php": "php", "powershell": "ps1 psm1", "python": "pyi", "ruby": "rake",
    "terraform": "tf", "xml": "svg xsl xsd plist", "yaml": "yml",
}  # fmt: skip
"""Endings of file names beside those that are the name of a language."""
NAMES = {"dockerfile": "docker", "containerfile": "docker", "makefile": "make"}


@dataclass(frozen=True, slots=True)
class CodeView:
    """`lines` as HTML, each complete in itself. `is_cut` says that some of the text is missing."""

    lines: Sequence[Markup]
    is_cut: bool


def code_view(text: str, name: str) -> CodeView:
    """The text of the file `name`, in the language of its ending. It takes up to some tenths of a
    second, so that pages call it in a thread."""
    plain, is_cut = plain_lines(text)
    return CodeView(coloured(plain, language_of(name)), is_cut)


def plain_lines(text: str) -> tuple[list[str], bool]:
    """The lines that are shown, the long ones cut, and whether anything is missing."""
    lines = LINE_END.sub("\n", text[:TEXT_AT_MOST]).split("\n", SHOWN_AT_MOST)
    kept = lines[:SHOWN_AT_MOST]
    if len(kept) > 1 and not kept[-1]:
        kept.pop()  # the line feed at the end of the last line
    is_cut = len(text) > TEXT_AT_MOST or len(lines) > SHOWN_AT_MOST
    is_cut |= any(len(line) > LINE_MAXIMUM for line in kept)
    return [
        line if len(line) <= LINE_MAXIMUM else line[:LINE_MAXIMUM] + CUT for line in kept
    ], is_cut


def coloured(lines: Sequence[str], language: str) -> list[Markup]:
    """The same lines as HTML, with marks in the place of characters that would show nothing, or
    change how the rest is shown."""
    visible = [_visible(line) for line in lines]
    found: list[Markup] = []
    left = COLOURED_AT_MOST
    for piece in _pieces(visible):
        left -= sum(map(len, piece))
        if left >= 0 and language:
            found += highlighted_lines("\n".join(piece), language)
        else:
            found += map(escape, piece)
    return found


def language_of(name: str) -> str:
    """The language of a file by its name; '' if unknown."""
    base = name.rpartition("/")[2].lower()
    ending = base.rpartition(".")[2]
    return NAMES.get(base, "") or (_languages().get(ending, "") if "." in base else "")


@cache
def _languages() -> dict[str, str]:
    others = {ending: name for name, endings in ENDINGS.items() for ending in endings.split()}
    return {name: name for name in LANGUAGES} | others


def _pieces(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines that can be coloured together. A line that is too long is a piece of its own, which
    stays plain. Pieces end at an empty line if one is near, because there few strings and comments
    go on."""
    piece: list[str] = []
    length = 0
    for line in lines:
        is_long = len(line) > LINE_AT_MOST
        is_full = length + len(line) + 1 > CHARACTERS_AT_MOST or len(piece) >= LINES_AT_MOST
        if piece and (is_long or is_full or _ends_well(piece, length)):
            yield piece
            piece, length = [], 0
        piece.append(line)
        length += len(line) + 1
        if is_long:
            yield piece
            piece, length = [], 0
    if piece:
        yield piece


def _ends_well(piece: Sequence[str], length: int) -> bool:
    is_nearly_full = length > CHARACTERS_AT_MOST * 3 // 4 or len(piece) > LINES_AT_MOST * 3 // 4
    return is_nearly_full and not piece[-1].strip()


def _visible(line: str) -> str:
    line = CONTROL.sub(_picture, line)
    return DIRECTIONS.sub(lambda found: f"[U+{ord(found[0]):04X}]", line)


def _picture(found: re.Match[str]) -> str:
    """The symbol that stands for a control character (Unicode block Control Pictures)."""
    return "\u2421" if found[0] == "\x7f" else chr(0x2400 + ord(found[0]))
