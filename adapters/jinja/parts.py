"""The parts of an e-mail, taken from the blocks of its one source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

BLOCKS = frozenset({"subject", "code", "body", "button", "link", "note"})
REQUIRED = ("subject", "body")
LINE = "\N{LINE SEPARATOR}"
"""Stands for a line break in a value while paragraphs are told apart by empty lines."""
WRAPPED = re.compile(r"[ \t]*\n[ \t]*")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a layout arranges. `code` is shown large; `button` is the text of a link to `link`."""

    subject: str
    paragraphs: tuple[str, ...]
    code: str
    button: str
    link: str
    note: str


def parts_of(blocks: Mapping[str, str]) -> Parts:
    """Empty lines separate paragraphs, other line breaks are those of the source and are joined.

    Raises `ValueError` for blocks that no layout shows, or that are missing.
    """
    if unknown := sorted(blocks.keys() - BLOCKS):
        raise ValueError(f"no layout shows the block {unknown[0]}")
    texts = {name: _joined(blocks.get(name, "")) for name in BLOCKS - {"body"}}
    paragraphs = map(_joined, _split(blocks.get("body", "")))
    parts = Parts(
        subject=texts["subject"].replace(LINE, " "),
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
        code=texts["code"],
        button=texts["button"],
        link=texts["link"],
        note=texts["note"],
    )
    if not parts.subject or not parts.paragraphs:
        raise ValueError(f"the blocks {' and '.join(REQUIRED)} must not be empty")
    if bool(parts.button) is not bool(parts.link):
        raise ValueError("the blocks button and link belong together")
    return parts


def _split(text: str) -> Iterator[str]:
    """The paragraphs of a text: lines in a row without an empty one between them."""
    for filled, lines in groupby(text.split("\n"), key=lambda line: bool(line.strip(" \t"))):
        if filled:
            yield "\n".join(lines)


def with_line_marks(value: object) -> object:
    """A value as a template writes it, its line breaks marked."""
    if isinstance(value, str):
        return value.replace("\r\n", LINE).replace("\n", LINE).replace("\r", LINE)
    return value


def without_line_marks(text: str) -> str:
    return text.replace(LINE, "\n")


def _joined(text: str) -> str:
    return WRAPPED.sub(" ", text.strip(" \t\n"))
