"""The limits of withdrawals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar

from core.policy import DAY, HOUR, MINUTE
from core.withdrawals import Status, Withdrawal


@dataclass(frozen=True, slots=True)
class WithdrawalPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = ()
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset(
        {"payout_account_freeze", "credentials_hold", "payout_cover"}
    )

    withdrawal_minimum: int = 50_000
    """The least amount of one withdrawal, in paise."""
    withdrawals_per_day: int = 1
    """How many withdrawals a developer can ask for in one day of their time zone. Those that were
    taken back, failed or came back do not count."""
    payout_account_freeze: timedelta = 24 * HOUR
    """How long a new payout account waits before money can go to it."""
    credentials_hold: timedelta = 24 * HOUR
    """How long after a change of the password, the e-mail address, the second factor or the linked
    sign-ins withdrawals are held."""
    review_within: timedelta = 3 * DAY
    """How long after the request a person has decided about a withdrawal that is held."""
    sent_again_after: timedelta = 1 * HOUR
    """How long after the provider has rejected a transfer for lack of balance it is sent again, if
    there is enough then."""
    payout_cover: int = 100
    """How much of what developers can withdraw now has to be at the payout provider, in percent."""
    payout_poll_after: tuple[timedelta, ...] = (
        (1 * MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE)
        + tuple(hour * HOUR for hour in range(1, 25))
        + tuple(day * DAY for day in range(2, 8))
    )
    """When the provider is asked about a transfer that has not ended, counted from its sending;
    afterwards once a day."""
    reversal_watch: tuple[timedelta, ...] = (1 * DAY, 3 * DAY, 7 * DAY, 14 * DAY)
    """When the provider is asked whether a transfer that succeeded has come back."""

    def retry_at(self, withdrawal: Withdrawal, *, now: datetime) -> datetime:
        """When a withdrawal that cannot be sent is tried again: after as long as it has waited
        already, at least a minute and at most half an hour."""
        waited = now - (withdrawal.changed_at or withdrawal.requested_at)
        return now + min(max(waited, 1 * MINUTE), 30 * MINUTE)

    def next_turn(self, since: datetime, turn: int, *, now: datetime) -> int:
        """The poll after `turn`: the next that is not over, so that relays that were stopped ask
        once and not for each poll they have missed."""
        return next(each for each in count(turn + 1) if self.poll_at(since, each) > now)

    def next_step_at(self, withdrawal: Withdrawal, *, now: datetime) -> datetime | None:
        """When its next step comes by itself: the end of a hold, the next attempt, or the next
        question to the provider at the latest. None if none does, or within minutes."""
        if withdrawal.status is Status.SENT and withdrawal.sent_at:
            since = withdrawal.sent_at
            return self.poll_at(since, self.next_turn(since, -1, now=now))
        return withdrawal.next_at

    def poll_at(self, since: datetime, turn: int) -> datetime:
        """When the poll `turn` of a transfer is due."""
        beyond = max(0, turn + 1 - len(self.payout_poll_after))
        return since + self.payout_poll_after[turn - beyond] + beyond * DAY
