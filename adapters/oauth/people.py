"""Conversion of e-mail addresses and names from providers."""

from __future__ import annotations

from core.accounts import folded_email
from core.errors import Invalid

NAME_AT_MOST = 100


def usable_email(value: object) -> str:
    """The address in lower case, or an empty text if it is not valid."""
    try:
        return folded_email(value) if isinstance(value, str) else ""
    except Invalid:
        return ""


def usable_name(*values: object) -> str:
    """The first value that is a name, on one line and without unprintable characters."""
    for value in values:
        if isinstance(value, str):
            printable = "".join(char for char in value if char.isprintable() or char.isspace())
            if name := " ".join(printable.split())[:NAME_AT_MOST].strip():
                return name
    return ""
