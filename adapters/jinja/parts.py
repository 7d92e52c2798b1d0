"""The parts of an e-mail, made from the blocks of its template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

BLOCKS = frozenset(
    "subject preview code body button link further further_link note reference".split()
)
REQUIRED = ("subject", "body")
LINE = "\N{LINE SEPARATOR}"
"""Replaces line breaks in values, because empty lines separate paragraphs."""
QUOTE = "\N{SYMBOL FOR START OF TEXT}"
"""Begins a paragraph that a person wrote (the filter `quote`)."""
WRAPPED = re.compile(r"[ \t]*\n[ \t]*")


class Quote(str):
    """A paragraph that a person wrote. In templates of layouts: `paragraph is quoted`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """The input of a layout. `preview` is shown after the subject in lists of e-mails, the first
    paragraph if it is empty. `code` is shown large; `button` is the text of a link to `link`,
    `further` that of another one, `further_link`; `reference` is the number to name in questions
    about the mail."""

    subject: str
    preview: str
    paragraphs: tuple[str, ...]
    code: str
    button: str
    link: str
    further: str
    further_link: str
    note: str
    reference: str


def parts_of(blocks: Mapping[str, str]) -> Parts:
    """The parts of an e-mail. Empty lines separate paragraphs; other line breaks become spaces.

    Raises `ValueError` for unknown and for missing blocks.
    """
    if unknown := sorted(blocks.keys() - BLOCKS):
        raise ValueError(f"the block {unknown[0]} is unknown")
    texts = {name: _joined(blocks.get(name, "")) for name in BLOCKS - {"body"}}
    paragraphs = map(_paragraph, _split(blocks.get("body", "")))
    parts = Parts(
        subject=texts["subject"].replace(LINE, " "),
        preview=texts["preview"].replace(LINE, " "),
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
        code=texts["code"],
        button=texts["button"],
        link=texts["link"],
        further=texts["further"],
        further_link=texts["further_link"],
        note=texts["note"],
        reference=texts["reference"],
    )
    if not parts.subject or not parts.paragraphs:
        raise ValueError(f"the blocks {' and '.join(REQUIRED)} must not be empty")
    for text, link in (("button", "link"), ("further", "further_link")):
        if bool(texts[text]) is not bool(texts[link]):
            raise ValueError(f"the blocks {text} and {link} must be used together")
    return parts


def _split(text: str) -> Iterator[str]:
    """The paragraphs of a text: consecutive lines that are not empty."""
    for filled, lines in groupby(text.split("\n"), key=lambda line: bool(line.strip(" \t"))):
        if filled:
            yield "\n".join(lines)


def quoted(text: str) -> str:
    """The text of a person, as a paragraph of its own."""
    return QUOTE + text.replace(QUOTE, "")


def _paragraph(text: str) -> str:
    joined = _joined(text)
    return Quote(joined.removeprefix(QUOTE)) if joined.startswith(QUOTE) else joined


def with_line_marks(value: object) -> object:
    """The value with line breaks replaced by `LINE`."""
    if isinstance(value, str):
        return value.replace("\r\n", LINE).replace("\n", LINE).replace("\r", LINE)
    return value


def without_line_marks(text: str) -> str:
    """The text with its line breaks restored."""
    return text.replace(LINE, "\n")


def _joined(text: str) -> str:
    return WRAPPED.sub(" ", text.strip(" \t\n"))
