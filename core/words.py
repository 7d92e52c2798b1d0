"""The words of a text, as the search compares them.

- A word is letters, marks, digits and underscores, folded (core/folding.py). An apostrophe within
  a word is left out: "O'Neil" is "oneil".
- Up to two `+` or `#` at its end and a dot before its first letter belong to it: C++, F#, .NET.
  Other punctuation around a word does not count.
- Words joined by a dot, a hyphen, `&` or a slash are one word without them, and their longer
  parts are words of a profile too: Node.js is "nodejs" and "node", CI/CD is "cicd", "ci" and
  "cd". Where a hyphen or slash joins longer words, or words with symbols, it separates them:
  C/C++.
- Scripts without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are compared by each pair
  of adjacent characters; a single character is a word too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core.folding import folded

LONGEST_WORD = 40
LONGEST_TEXT = 5_000
"""Characters of a text that are read; the fields of a profile are shorter."""
SHORT = 3
"""Parts of at most this length make one word with a hyphen or slash: CI/CD, front-end."""
SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uaa60-\uaa7f\uf900-\ufaff\U00020000-\U000323af"
)
CHUNKS = re.compile(r"[^\s\x00-\x1f\x7f!\"$%'()*,:;<=>?@\[\\\]^`{|}~\u2019]+")
"""What stands between separators, once other scripts' symbols are spaces."""
RUNS = re.compile(f"([{SPACELESS}]+)")
APOSTROPHES = re.compile(r"(?<=\w)['\u2019\u02bc](?=\w)")
PLUS_BEFORE_LETTER = re.compile(r"[+#](?=[^\W\d_])")
SYMBOLS_BEFORE_DIGIT = re.compile(r"[+#]{1,2}(?=\d)")


@dataclass(frozen=True, slots=True)
class Token:
    """One written word: `text` in one piece, the `words` a search for it must match, and the
    further `parts` a profile with it is found by."""

    text: str
    words: tuple[str, ...]
    parts: tuple[str, ...] = ()


def tokens(text: str) -> list[Token]:
    """The words of the text in their order. Never raises."""
    plain = folded(text[:LONGEST_TEXT])
    if not plain.isascii():
        plain = "".join(map(_without_symbols, plain))
    chunks = CHUNKS.findall(APOSTROPHES.sub("", plain))
    return [token for chunk in chunks for token in _tokens_of(chunk)]


def _without_symbols(char: str) -> str:
    """The standard library has no pattern for marks, which belong to words."""
    if char.isascii() or char == "\u2019" or unicodedata.category(char)[0] in "LMN":
        return char
    return " "


@lru_cache(maxsize=8192)
def _tokens_of(chunk: str) -> tuple[Token, ...]:
    pieces = PLUS_BEFORE_LETTER.split(chunk)
    return tuple(token for piece in pieces for run in RUNS.split(piece) for token in _run(run))


def _run(run: str) -> Iterator[Token]:
    if RUNS.fullmatch(run):
        yield _spaceless(run)
        return
    pieces = [piece for piece in map(_stripped, run.split("/")) if piece]
    if len(pieces) > 1 and all(piece.isalnum() and len(piece) <= SHORT for piece in pieces):
        yield _joined(pieces, shortest=1)
        return
    for piece in pieces:
        yield from _hyphenated(piece)


def _hyphenated(piece: str) -> Iterator[Token]:
    parts = [part for part in piece.split("-") if part]
    if len(parts) > 1 and all(len(part) > SHORT for part in parts):
        for part in parts:
            yield from _hyphenated(part)
        return
    atoms = [atom for atom in re.split(r"[.&-]", piece) if atom]
    if len(atoms) > 1:
        yield _joined(atoms, shortest=SHORT)
        return
    version = SYMBOLS_BEFORE_DIGIT.search(piece)
    parts = [piece[: version.end()]] if version else []
    yield _token(piece, parts)


def _joined(parts: list[str], *, shortest: int) -> Token:
    return _token("".join(parts), [part for part in parts if len(part) >= shortest])


def _token(text: str, parts: list[str]) -> Token:
    cut = text[:LONGEST_WORD]
    return Token(cut, (cut,), tuple(part[:LONGEST_WORD] for part in parts))


def _spaceless(run: str) -> Token:
    """Pairs of adjacent characters, each with its marks."""
    characters = list[str]()
    for char in run:
        if characters and unicodedata.category(char)[0] == "M":
            characters[-1] += char
        else:
            characters.append(char)
    pairs = tuple(a + b for a, b in zip(characters, characters[1:], strict=False))
    return Token(run[:LONGEST_WORD], pairs or tuple(characters), tuple(characters) if pairs else ())


def _stripped(piece: str) -> str:
    """Without the punctuation around it."""
    end = piece.rstrip("./&-")
    symbols = len(end) - len(end.rstrip("+#"))
    end = end[: len(end) - max(symbols - 2, 0)]
    start = end.lstrip("+#./&-_")
    before = end[: len(end) - len(start)]
    dot = before.endswith(".") and not before.endswith("..") and start[:1].isalpha()
    if not start.rstrip("_+#"):
        return ""
    return f".{start}" if dot else start
