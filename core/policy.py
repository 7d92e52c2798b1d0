"""The numbers of the marketplace, in one frozen place; settings can change the defaults.

Every default and where it comes from: docs/rules.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CELL = timedelta(minutes=15)
"""The quarter hour: every booking starts on one and is a whole number of them long."""


@dataclass(frozen=True, slots=True)
class RefundStep:
    """From `notice` before the start a cancelled, confirmed booking returns `percent`."""

    notice: timedelta
    percent: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The part of the policy that touches money: frozen into a booking when it is made."""

    fee_percent: int = 10
    approve_within: timedelta = 72 * HOUR
    deliver_within: timedelta = 14 * DAY
    revisions: int = 2
    refund_steps: tuple[RefundStep, ...] = (
        RefundStep(24 * HOUR, 100),
        RefundStep(12 * HOUR, 50),
    )

    def refund_percent(self, *, notice: timedelta) -> int:
        """What a client gets back who cancels a confirmed booking `notice` before its start."""
        return next((step.percent for step in self.refund_steps if notice >= step.notice), 0)

    def refund_changes_at(self, start: datetime) -> tuple[tuple[datetime, int], ...]:
        """The moments the refund falls, each with the percentage that holds from then on."""
        falls = [step.percent for step in self.refund_steps[1:]] + [0]
        return tuple(
            (start - step.notice, then) for step, then in zip(self.refund_steps, falls, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What operators may tune. Durations are `timedelta`, counts are whole numbers."""

    hours_minimum: int = 1
    hours_maximum: int = 8
    horizon: timedelta = 60 * DAY
    minimum_notice: timedelta = 4 * HOUR
    hold: timedelta = 15 * MINUTE
    """The slot is kept this long while the client pays: the countdown on the page."""
    order_life: timedelta = 16 * MINUTE
    """How long new attempts may start at the gateway; providers may want more than 15 minutes."""
    hold_margin: timedelta = 2 * MINUTE
    """The hold outlives the order by this much, so an attempt begun in time can still end."""
    attempt_patience: timedelta = 20 * MINUTE
    """An open attempt keeps the slot at most this long after the hold has ended."""
    answer_within: timedelta = 24 * HOUR
    answer_before_start: timedelta = 2 * HOUR
    poll_after: tuple[timedelta, ...] = (
        (1 * MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE)
        + tuple(hour * HOUR for hour in range(1, 25))
        + tuple(day * DAY for day in range(2, 8))
    )
    """When a silent gateway is asked about an open payment, counted from its creation."""
    code_life: timedelta = 10 * MINUTE
    code_tries: int = 5
    code_resend_after: timedelta = 60 * timedelta(seconds=1)
    codes_per_hour: int = 5
    password_minimum: int = 15
    password_minimum_with_otp: int = 8
    password_maximum: int = 128
    session_idle: timedelta = 14 * DAY
    session_life: timedelta = 30 * DAY
    admin_idle: timedelta = 30 * MINUTE
    admin_life: timedelta = 12 * HOUR
    step_up_life: timedelta = 15 * MINUTE
    """How long a code just entered counts as fresh, for money and changes of identity."""
    access_life: timedelta = 15 * MINUTE
    refresh_life: timedelta = 30 * DAY
    program_life: timedelta = 365 * DAY
    reset_life: timedelta = 30 * MINUTE
    logins_failed: int = 10
    logins_window: timedelta = 5 * MINUTE
    logins_shut_longest: timedelta = HOUR
    """A door shut again and again stays shut twice as long each time, up to this."""
    logins_in_row: int = 100
    """Wrong passwords of one account, one after the other, before the right one alone no longer
    opens it: a mailed code is asked for, too."""
    codes_failed: int = 20
    """Wrong second factors of one account in a day: a million codes, so 1 in 50,000."""
    registrations_per_hour: int = 200
    resets_per_hour: int = 5
    approve_reminders: tuple[timedelta, ...] = (24 * HOUR, 60 * HOUR)
    deliver_reminders: tuple[timedelta, ...] = (7 * DAY, 12 * DAY)
    avatar_bytes_maximum: int = 5_000_000
    terms: Terms = field(default_factory=Terms)

    def accept_by(self, *, paid_at: datetime, start: datetime) -> datetime:
        """The auto-cancel moment: 24 h after payment or 2 h before the start, what comes first."""
        return min(paid_at + self.answer_within, start - self.answer_before_start)

    def hold_ends(self, *, held_at: datetime) -> datetime:
        """When an unpaid hold is given up, if no attempt is still under way."""
        return held_at + self.order_life + self.hold_margin
