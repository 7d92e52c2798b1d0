"""Claims that the other side did not come to the meeting, with the attendance as evidence."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import first_name
from core.bookings import Booking, BookingId
from core.calls import Attendance, call_terms
from core.calls_policy import CallPolicy
from core.dispute_parts import TEXT_MAXIMUM
from core.disputes import Dispute
from core.jobs import JobId
from core.no_shows import check_claim, no_show_refund
from core.text import checked_text
from core.timeline import Actor
from ports.clock import Clock
from ports.store import Repositories, Store
from services.calls import Meeting, PresenceInCalls
from services.disputes.opening import NothingHeld, Opening
from services.shared.ownership import booking_of_party


@dataclass(frozen=True, slots=True, kw_only=True)
class NoShowService:
    """The other side agrees by accepting the offer of the case, or answers it."""

    store: Store
    presence: PresenceInCalls
    opening: Opening
    clock: Clock
    policy: CallPolicy

    async def claim(self, booking_id: BookingId, *, by: str, text: str = "") -> Dispute:
        """A party says that the other one did not come. Raises `NotFound`, `NoClaim` while it is
        not so by what is known, `NothingHeld`, `Frozen` and `Invalid`."""
        text = checked_text(text, field="text", maximum=TEXT_MAXIMUM, lines=True)
        booking = await booking_of_party(self.store.repositories, booking_id, by)
        is_client = booking.client.account_id == by
        claimant = Actor.CLIENT if is_client else Actor.DEVELOPER
        meeting = await self.presence.meeting(booking)
        dispute_id, now = self.opening.new_id(), self.clock.now()
        other = booking.developer if is_client else booking.client
        said = text or f"{first_name(other.name)} did not come to the meeting."

        async def step(repositories: Repositories) -> Dispute:
            current = await repositories.bookings.get(booking_id)
            if current.job_id is None:
                raise NothingHeld
            check_claim(current, meeting.other(by), now=now, policy=self.policy)
            return await self.opening.claim_no_show(
                repositories,
                dispute_id,
                await repositories.jobs.get(JobId(current.job_id)),
                by=claimant,
                refund=no_show_refund(current, claimant, meeting.of(by)),
                text=said,
                attendance=attendance_text(current, meeting),
                answer_within=call_terms(current, self.policy).no_show_answer_within,
            )

        return await self.store.transact(step)


def attendance_text(booking: Booking, meeting: Meeting) -> str:
    """The attendance as it was noted, for everybody who reads the case."""
    sides = ((booking.client.name, meeting.client), (booking.developer.name, meeting.developer))
    lines = [f"{name}: {_times(one)}" for name, one in sides]
    return "\n".join(["Attendance, as the site has noted it:", *lines])


def _times(one: Attendance) -> str:
    times = [f"{p.since:%Y-%m-%d %H:%M} to {p.until:%H:%M} UTC" for p in one.presences]
    return ", ".join(times) or "not seen"
