"""The limits of disputes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY, HOUR


@dataclass(frozen=True, slots=True)
class DisputePolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = (
        ("dispute_reminder", "dispute_answer_within"),
        ("dispute_answer_within", "dispute_ends_after"),
        ("dispute_evidence_within", "dispute_ends_after"),
        ("dispute_decision_warning", "dispute_ends_after"),
        ("contest_within", "dispute_ends_after"),
    )
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    dispute_answer_within: timedelta = 5 * DAY
    """How long the other side has to answer."""
    dispute_reminder: timedelta = 3 * DAY
    """How long after the opening the other side is reminded."""
    dispute_evidence_within: timedelta = 3 * DAY
    """How long both can add evidence after the answer, or after the time to answer."""
    dispute_ends_after: timedelta = 60 * DAY
    dispute_decision_warning: timedelta = 14 * DAY
    """How long before the end a case without a decision is reported to operators."""
    bundle_bytes_maximum: int = 2_147_483_648
    """How many bytes of files one bundle of a case contains; further files are named in it."""
    contest_within: timedelta = 48 * HOUR
    """How long a developer who has delivered can contest a cancellation by the client."""
