"""Excerpts of found messages, with the words that were looked for."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

BEFORE, LENGTH = 40, 160
"""Characters before the first found word, and of the whole excerpt."""


def excerpt(text: str, searched: str) -> Markup:
    """A part of the text around the first of the words, in one line; the words are marked."""
    line = " ".join(text.split())
    wanted = [re.escape(word) for word in searched.split()]
    if not wanted:
        return escape(line[:LENGTH])
    words = re.compile("|".join(sorted(wanted, key=len, reverse=True)), re.IGNORECASE)
    first = words.search(line)
    start = max(first.start() - BEFORE, 0) if first else 0
    part = line[start : start + LENGTH]
    marked = Markup("").join(_parts(words, part))
    ends = Markup("… ") if start else "", Markup(" …") if start + LENGTH < len(line) else ""
    return Markup("{}{}{}").format(ends[0], marked, ends[1])


def _parts(words: re.Pattern[str], text: str) -> list[Markup]:
    parts, end = list[Markup](), 0
    for found in words.finditer(text):
        parts += [escape(text[end : found.start()]), Markup("<mark>{}</mark>").format(found[0])]
        end = found.end()
    return [*parts, escape(text[end:])]
