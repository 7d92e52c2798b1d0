"""Units of time, the terms of a booking, and the policies of all capabilities.

A policy is a frozen dataclass of limits, `core/<capability>_policy.py`; settings can change its
defaults. Every default and where it comes from: docs/rules.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol, TypeVar, cast

P = TypeVar("P")

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CELL = timedelta(minutes=15)
"""A quarter hour: every booking starts at one and lasts a whole number of them."""


class Limits(Protocol):
    """What the limits of a policy must satisfy; operators may change them one by one.

    Each value of the first name in a pair of `AT_MOST` is at most the value of the second, which
    may be one of another policy.
    Durations and counts named in `MAY_BE_ZERO` may be zero, all others are above it.
    """

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]]
    MAY_BE_ZERO: ClassVar[frozenset[str]]


@dataclass(frozen=True, slots=True)
class RefundStep:
    """A confirmed booking cancelled at least `notice` before its start is refunded by `percent`."""

    notice: timedelta
    percent: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The part of the policy that affects money. It is copied into each new booking."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset({"fee_percent", "revisions"})

    fee_percent: int = 10
    approve_within: timedelta = 72 * HOUR
    deliver_within: timedelta = 14 * DAY
    revisions: int = 2
    refund_steps: tuple[RefundStep, ...] = (
        RefundStep(24 * HOUR, 100),
        RefundStep(12 * HOUR, 50),
    )

    def refund_percent(self, *, notice: timedelta) -> int:
        """The refund in percent if the client cancels `notice` before a confirmed start."""
        return next((step.percent for step in self.refund_steps if notice >= step.notice), 0)

    def refund_changes_at(self, start: datetime) -> tuple[tuple[datetime, int], ...]:
        """The times at which the refund is reduced, each with the percentage from then on."""
        falls = [step.percent for step in self.refund_steps[1:]] + [0]
        return tuple(
            (start - step.notice, then) for step, then in zip(self.refund_steps, falls, strict=True)
        )


class Policies:
    """The policies of all capabilities, by class. One that is not given has its defaults."""

    def __init__(self, *given: object) -> None:
        self._by_class = {type(policy): policy for policy in given}

    def __getitem__(self, policy: type[P]) -> P:
        return cast(P, self._by_class.get(policy) or policy())
