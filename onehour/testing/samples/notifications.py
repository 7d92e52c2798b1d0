"""Addresses that mail servers have refused for good."""

from __future__ import annotations

from core.suppressions import Suppression
from onehour.testing.samples.sample import NOW, Sample


def a_suppression() -> Suppression:
    return Suppression("gita@example.org", "The mail server knows no such mailbox (550).", NOW)


SAMPLES = (
    Sample(
        "suppressions",
        a_suppression(),
        lambda repositories: repositories.suppressions.add(a_suppression()),
        lambda repositories: repositories.suppressions.find(a_suppression().email),
    ),
)
