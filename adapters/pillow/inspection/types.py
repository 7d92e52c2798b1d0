"""The type of a file by its first bytes."""

from __future__ import annotations

import re

import puremagic

from adapters.pillow.inspection.answers import UNKNOWN_TYPE
from adapters.pillow.inspection.texts import is_text, markup_type
from core.files import Kind
from ports.inspection import InspectionRefused

PROGRAM = "A program cannot be sent like this. Put it in a ZIP, or send its source."
PROGRAMS = re.compile(
    rb"MZ|\x7fELF"
    rb"|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe\x00\x00\x00[\x01-\x1e]"
    rb"|L\x00\x00\x00\x01\x14\x02\x00"
)
"""For Windows, Linux and macOS, and shortcuts of Windows. A Java class begins as some of macOS do,
and has a larger number in its second word."""
TYPES = {
    "application/x-gzip": "application/gzip",
    "application/x-zstd-compressed-tar": "application/zstd",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/x-opus+ogg": "audio/ogg",
    "audio/x-flac": "audio/flac",
    "image/x-ms-bmp": "image/bmp",
    "video/avi": "video/x-msvideo",
    "video/dvd": "video/mpeg",
}
"""Other names of types, and the usual ones."""
BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
}
"""Kinds of ISO media files, which stand in their fifth to twelfth byte."""
ARCHIVES = frozenset(
    f"application/{name}"
    for name in "zip gzip x-7z-compressed vnd.rar x-tar x-xz zstd x-bzip2 x-lzip".split()
)
ACTIVE = frozenset(
    "text/html application/xhtml+xml image/svg+xml application/xml text/xml "
    "application/x-shockwave-flash application/java text/javascript application/javascript".split()
)
"""Browsers run what has these types, so they are never the type of bytes that are no text."""
_TYPE = re.compile(r"[a-z0-9][\w.+-]{0,62}/[a-z0-9][\w.+-]{0,62}", re.ASCII)


def detected(head: bytes) -> tuple[str, Kind]:
    """The media type and the kind. Raises `InspectionRefused` for programs."""
    if not head.startswith((b"%PDF-", b"{\\rtf")) and is_text(head):
        return markup_type(head), Kind.TEXT
    if PROGRAMS.match(head):
        raise InspectionRefused(PROGRAM)
    media_type = _binary_type(head)
    return media_type, _kind(media_type)


def _binary_type(head: bytes) -> str:
    if head[:2] == b"PK":
        return "application/zip"
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" not in head[:64]:
        return "video/x-matroska"
    try:
        found = [match.mime_type for match in puremagic.magic_string(head)]
    except (puremagic.PureError, ValueError):
        return UNKNOWN_TYPE
    named = (TYPES.get(name, name) for name in found if _TYPE.fullmatch(name))
    return next((name for name in named if name not in ACTIVE), UNKNOWN_TYPE)


def _kind(media_type: str) -> Kind:
    if media_type in ARCHIVES:
        return Kind.ARCHIVE
    if media_type == "application/pdf":
        return Kind.PDF
    family = media_type.partition("/")[0]
    families = {"image": Kind.IMAGE, "audio": Kind.AUDIO, "video": Kind.VIDEO}
    return families.get(family, Kind.OTHER)
