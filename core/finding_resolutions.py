"""Findings that a person resolves: the reason, and why it is refused."""

from __future__ import annotations

from enum import StrEnum

from core.errors import Conflict
from core.text import checked_text

RESOLUTION_MAXIMUM = 500
"""Characters of the reason."""


class FindingActivity(StrEnum):
    """Kinds of audit entries about findings. The values are stored."""

    RESOLVED = "finding_resolved"


class FindingResolved(Conflict):
    """This finding is resolved already."""

    code = "finding_resolved"


class FindingChanged(Conflict):
    """This finding has changed in the meantime. Read it again, then decide."""

    code = "finding_changed"


def checked_resolution(text: str) -> str:
    """Why a person resolves a finding. Raises `Invalid` with the field `reason`."""
    return checked_text(
        text,
        field="reason",
        maximum=RESOLUTION_MAXIMUM,
        lines=True,
        called="reason",
        empty="Say what you have checked, and why nothing more is to be done.",
    )
