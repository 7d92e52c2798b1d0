"""The use cases: write, read and remove notes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from onehour.api import (
    Actor,
    BookingId,
    Clock,
    DeveloperId,
    Duplicate,
    Ids,
    Live,
    Repositories,
    Store,
    TimelineStep,
    checked_text,
    handles,
    message,
    periodic,
    record,
)
from tests.plugins.notes.model import NOTES, Note, NoteStep, NoteWritten, Ring
from tests.plugins.notes.settings import NotesSettings

LONGEST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteService:
    store: Store
    live: Live
    clock: Clock
    ids: Ids
    settings: NotesSettings

    async def write(self, developer: DeveloperId, text: str, *, by: str, avoid: bool) -> Note:
        """The client's one note about the developer. Raises `Missing` and `Invalid`."""
        text = checked_text(text, field="text", maximum=LONGEST, lines=True, empty="Write a note.")
        now, new_id = self.clock.now(), self.ids.new("note")

        async def step(repositories: Repositories) -> Note:
            await repositories.developers.get(developer)
            notes = repositories.documents(NOTES)
            stored = await notes.find_one(account=by, developer=developer)
            if stored:
                note = replace(stored, text=text, avoid=avoid, written_at=now)
                note = await notes.save(note)
            else:
                note = await notes.add(Note(new_id, by, developer, text, now, avoid))
            key = f"{note.id}:{note.version}"
            await repositories.outbox.add(message(NoteWritten(by, developer), key, due_at=now))
            return note

        return await self.store.transact(step)

    async def about(self, developer: str, *, by: str) -> Note | None:
        notes = self.store.repositories.documents(NOTES)
        return await notes.find_one(account=by, developer=developer)

    async def mine(self, *, by: str) -> tuple[Note, ...]:
        """The newest twenty."""
        notes = self.store.repositories.documents(NOTES)
        found, _ = await notes.page("newest", equals={"account": by})
        return found

    @handles(NoteWritten)
    async def announce(self, payload: NoteWritten) -> None:
        """To the other open pages of the same person."""
        data = {"developer": payload.developer}
        await self.live.publish(f"account:{payload.account}", "notes:changed", data)

    @handles(Ring)
    async def ring(self, delivery: Ring) -> None:
        """Ring in the open pages of the person."""
        await self.live.publish(f"account:{delivery.account}", "notes:ring", {"id": delivery.key})

    @periodic("notes.remove_old", every=timedelta(days=1))
    async def remove_old(self) -> None:
        oldest = self.clock.now() - timedelta(days=self.settings.keep_days)
        notes = self.store.repositories.documents(NOTES)
        old = [note.id async for note in notes.each() if note.written_at < oldest]
        for note_id in old:
            await notes.remove(note_id)

    async def invite(self, booking_id: BookingId) -> None:
        """Ask the client for a note, once for each booking: an e-mail, and a timeline entry."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            booking = await repositories.bookings.get(booking_id)
            invited = TimelineStep(
                key=booking.id,
                what=NoteStep.INVITED,
                actor=Actor.DEADLINE,
                at=now,
                emails=(("note_invited", booking.client.account_id),),
            )
            await record(repositories, booking, invited)

        try:
            await self.store.transact(step)
        except Duplicate:  # the event has come before
            return
