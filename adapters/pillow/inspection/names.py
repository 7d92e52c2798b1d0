"""Names inside archives, made fit to be shown."""

from __future__ import annotations

import re
import unicodedata

from ports.inspection import ENTRY_NAME_MAXIMUM

REPLACEMENT = "\ufffd"
NO_NAME = "(no name)"
_DRIVE = re.compile(r"^[A-Za-z]:")
_HARMFUL = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Controls, format characters such as those that turn the direction, halves, and line breaks."""


def shown_name(name: str) -> str:
    """The name as a path below one folder: without a drive, a leading slash, `..`, or characters
    that change how the rest is shown. Of a long name the end is kept, which has the type."""
    plain = "".join(
        REPLACEMENT if unicodedata.category(character) in _HARMFUL else character
        for character in name.replace("\\", "/")
    )
    parts = _DRIVE.sub("", plain).split("/")
    kept = "/".join(part for part in parts if part.strip() not in ("", ".", ".."))
    if len(kept) > ENTRY_NAME_MAXIMUM:
        kept = "\u2026" + kept[-ENTRY_NAME_MAXIMUM + 1 :]
    return kept or NO_NAME
