"""What providers say about people, brought into the forms the house uses."""

from __future__ import annotations

from core.accounts import folded_email
from core.errors import Invalid

NAME_AT_MOST = 100


def usable_email(told: object) -> str:
    """The folded address, or an empty text when it cannot be one."""
    try:
        return folded_email(told) if isinstance(told, str) else ""
    except Invalid:
        return ""


def usable_name(*told: object) -> str:
    """The first of these that is a name: on one line, without signs nobody can see."""
    for each in told:
        if isinstance(each, str):
            seen = "".join(mark for mark in each if mark.isprintable() or mark.isspace())
            if name := " ".join(seen.split())[:NAME_AT_MOST].strip():
                return name
    return ""
