"""Reminds both sides of a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.notifications import NotifyParty
from core.outbox import message
from core.policy import HOUR, MINUTE
from core.reminders import NOTICE, Reminder, RemindOfMeeting, meeting_reminders
from core.reminders_policy import ReminderPolicy
from ports.clock import Clock
from ports.store import Store
from services.shared.outbox import handles
from services.shared.periodic import periodic


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderService:
    store: Store
    clock: Clock
    policy: ReminderPolicy

    @handles(RemindOfMeeting)
    async def remind(self, payload: RemindOfMeeting) -> None:
        """Tell both sides, once. Does nothing for a booking that was cancelled or moved, and for a
        reminder so late that a shorter one is due."""
        booking = await self.store.repositories.bookings.get(payload.booking)
        now, before = self.clock.now(), payload.minutes * MINUTE
        if not Reminder(payload.start, before).is_of(booking, now):
            return
        if self._is_overtaken(payload.start, before, now):
            return
        await self.store.repositories.outbox.add(
            *(
                message(
                    NotifyParty(NOTICE, side.account_id, booking.id, payload.fact),
                    f"{payload.fact}:{side.account_id}",
                    due_at=now,
                )
                for side in (booking.client, booking.developer)
            )
        )

    @periodic("reminders.complete", every=HOUR)
    async def complete(self) -> None:
        """Add what is missing for the meetings of the next hours: bookings that were confirmed by
        a version without reminders have none until they move."""
        if not self.policy.meeting_reminders:
            return
        since = self.clock.now()
        until = since + max(self.policy.meeting_reminders) + 2 * HOUR
        while since < until:
            for booking in await self.store.repositories.bookings.agreed_between(
                since, since + HOUR
            ):
                missing = meeting_reminders(booking, now=self.clock.now(), policy=self.policy)
                await self.store.repositories.outbox.add(*missing)  # what exists stays as it is
            since += HOUR

    def _is_overtaken(self, start: datetime, before: timedelta, now: datetime) -> bool:
        shorter = (each for each in self.policy.meeting_reminders if each < before)
        return any(now >= start - each for each in shorter)
