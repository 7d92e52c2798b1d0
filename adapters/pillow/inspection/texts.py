"""Texts: their encoding, and the beginning as a preview."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from adapters.pillow.inspection import answers
from core.files import PreviewName
from ports.inspection import (
    CUT,
    LINE_MAXIMUM,
    TEXT_BYTES_MAXIMUM,
    TEXT_LINES_MAXIMUM,
    TEXT_TYPE,
    MadePreview,
)

READ = 512_000
"""Bytes of a text that are read. Long lines are cut, so that more may be read than is shown."""
GUESSED_FROM = 16_384
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; those of UTF-32 begin as those of UTF-16."""
BINARY = bytes((*range(7), *range(0x0E, 0x1B), *range(0x1C, 0x20)))
"""Control characters that no text contains: all but bell to carriage return, and escape."""
SVG = re.compile(r"<(?:[\w-]{1,40}:)?svg[\s>/]")
HTML = re.compile(
    "<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)"
    r"[\s>]"
)
"""The tags by which browsers take a file for HTML (https://mimesniff.spec.whatwg.org, 7.1)."""
LINE_ENDS = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is a text in an encoding that can be read."""
    return bool(head) and encoding_of(head) is not None


def encoding_of(head: bytes) -> str | None:
    for mark, name in MARKS:
        if head.startswith(mark):
            return name if _decodes(head, name) else None
    if head.translate(None, BINARY) != head:
        return None
    if _decodes(head, "utf-8"):
        return "utf-8"
    best = from_bytes(head[:GUESSED_FROM]).best()
    return best.encoding if best else None


def markup_type(head: bytes) -> str:
    """The type of a text: that of HTML, SVG and XML, to which nothing else pays attention than the
    person who reads it, or `text/plain`."""
    text = _decoded(head, encoding_of(head) or "utf-8").lower().lstrip()
    is_xml = text.startswith("<?xml")
    if text.startswith("<") and SVG.search(text):
        return "image/svg+xml"
    if HTML.match(text.partition("?>")[2].lstrip() if is_xml else text):
        return "text/html"
    return "text/xml" if is_xml else "text/plain"


def parts(path: Path) -> Iterator[bytes]:
    """The preview of a text, and whether it is cut."""
    with path.open("rb") as file:
        read = file.read(READ)
        whole = not file.read(1)
    text = _decoded(read, encoding_of(read[:GUESSED_FROM]) or "utf-8")
    shown, cut = beginning(text)
    yield answers.facts(truncated=cut or not whole)
    yield answers.preview(MadePreview(PreviewName.TEXT, TEXT_TYPE, 0, 0, shown.encode()))


def beginning(text: str) -> tuple[str, bool]:
    """As much of the text as a preview has, and whether anything was left out. Line ends become
    line feeds; null characters, which databases and browsers dislike, are replaced."""
    plain = LINE_ENDS.sub("\n", text).replace("\0", "\ufffd")
    lines = plain.split("\n", TEXT_LINES_MAXIMUM + 1)
    cut = len(lines) > TEXT_LINES_MAXIMUM
    kept: list[str] = []
    left = TEXT_BYTES_MAXIMUM
    for line in lines[:TEXT_LINES_MAXIMUM]:
        short = line if len(line) <= LINE_MAXIMUM else line[:LINE_MAXIMUM] + CUT
        cut |= short is not line
        left -= len(short.encode()) + 1
        if left < 0:
            return "\n".join(kept), True
        kept.append(short)
    return "\n".join(kept), cut


def _decodes(head: bytes, encoding: str) -> bool:
    """The last character may be cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeError:
        return False
    return True


def _decoded(content: bytes, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return decoder.decode(content).encode("utf-8", "replace").decode()
