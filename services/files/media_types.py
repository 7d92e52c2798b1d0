"""Media types as they are declared, and as files are given out."""

from __future__ import annotations

import re

from core.files import Contents, Kind

UNKNOWN = "application/octet-stream"
PLAIN_TEXT = "text/plain"
GIVEN_AS_FOUND = frozenset({Kind.IMAGE, Kind.PDF, Kind.ARCHIVE, Kind.AUDIO, Kind.VIDEO})

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,62}/[a-z0-9][a-z0-9.+-]{0,62}")
_ACTIVE = re.compile(r"html|xml|svg|script|flash|java|css|mht|multipart")
"""In the names of types that browsers may run."""


def declared_media_type(given: str) -> str:
    """What a browser declares, in lower case without parameters; `UNKNOWN` for other texts. The
    storage keeps it with the bytes; nobody trusts it."""
    bare = given.partition(";")[0].strip().lower()
    return bare if _MEDIA_TYPE.fullmatch(bare) and not _ACTIVE.search(bare) else UNKNOWN


def download_type(contents: Contents) -> str:
    """The media type of a download: never one that a browser would run."""
    if contents.kind is Kind.TEXT:
        return PLAIN_TEXT
    if contents.kind in GIVEN_AS_FOUND and not _ACTIVE.search(contents.media_type):
        return contents.media_type
    return UNKNOWN
