"""The hooks, all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from onehour.api import (
    AdapterOffer,
    Booking,
    BookingId,
    Built,
    Capability,
    Dependencies,
    NoticeChannel,
    NoticeKind,
    PluginContext,
    WebCapability,
    implements,
)
from tests.plugins.notes.mail import OFFER
from tests.plugins.notes.model import NOTES, NoteStep, NoteWritten, Ring
from tests.plugins.notes.personal_data import NoteData
from tests.plugins.notes.service import NoteService
from tests.plugins.notes.settings import NotesSettings
from tests.plugins.notes.web import web


class Notes:
    @implements
    def onehour_settings(self) -> type[NotesSettings]:
        return NotesSettings

    @implements
    def onehour_capabilities(self, context: PluginContext) -> list[Capability]:
        settings = context.settings(NotesSettings)

        def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
            d = dependencies
            notes = NoteService(
                store=d.store, live=d.live, clock=d.clock, ids=d.ids, settings=settings
            )
            return {"notes": notes}

        capability = Capability(
            name="notes",
            build=build,
            personal_data=NoteData(),
            documents=(NOTES,),
            messages=(NoteWritten, Ring),
            notices=(NoticeKind("note_invited", "notes/invited"),),
            channels=(NoticeChannel("ring", "As a sound", Ring),),
            templates=Path(__file__).parent / "templates",
            timeline=NoteStep,
        )
        return [capability]

    @implements
    def onehour_web(self, context: PluginContext) -> list[WebCapability]:
        return [web(context)]

    @implements
    def onehour_adapters(self) -> list[AdapterOffer[Any, Any]]:
        return [OFFER]

    @implements
    async def onehour_may_book(self, booking: Booking, context: PluginContext) -> str | None:
        note = await context.service(NoteService).about(
            booking.developer.id, by=booking.client.account_id
        )
        return "You noted to avoid this developer." if note and note.avoid else None

    @implements
    async def onehour_booking_event(
        self, event: str, facts: Mapping[str, str], context: PluginContext
    ) -> None:
        if event == "approved":
            await context.service(NoteService).invite(BookingId(facts["booking"]))
