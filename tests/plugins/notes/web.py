"""Pages, API, socket event and panel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field
from quart import Blueprint, Response, redirect, render_template, request
from quart.typing import ResponseReturnValue
from quart_schema import validate_request
from typing_extensions import TypedDict

from onehour.api import (
    API,
    Account,
    Body,
    BookingDetails,
    BookingFacts,
    Developer,
    DeveloperId,
    Line,
    Link,
    LiveEvent,
    NoticeLine,
    NoticeWords,
    Notification,
    Panel,
    PluginContext,
    Render,
    Side,
    Slot,
    Socket,
    SocketHandler,
    StaticFolder,
    TimelineEntry,
    WebCapability,
    Who,
    allow,
    booking_facts,
    document_event,
    json_response,
    me,
)
from tests.plugins.notes.model import NoteStep
from tests.plugins.notes.service import LONGEST, NoteService

HERE = Path(__file__).parent


class NoteBody(Body):
    text: str = Field(min_length=1, max_length=LONGEST)
    avoid: bool = False


def web(context: PluginContext) -> WebCapability:
    return WebCapability(
        name="notes",
        pages=(pages(context),),
        api=(api(context),),
        events={"notes:count": counter(context)},
        live_events=(NOTES_CHANGED,),
        navigation=(Link("Notes", "/notes"),),
        panels=(Panel(Slot.PROFILE, on_profile(context)),),
        timeline={NoteStep.INVITED: invited},
        notices=NoticeWords({"note_invited": suggested}, booking_facts),
        static=StaticFolder("notes", HERE / "static", sheets=("notes.css",)),
        live_scripts=("notes/js/changed.js",),
        body_limits={f"{API}/notes/": lambda services: 20_000},
    )


def pages(context: PluginContext) -> Blueprint:
    blueprint = Blueprint("notes", __name__, template_folder="templates")

    @blueprint.get("/notes")
    @allow(Who.CLIENT)
    async def index() -> str:
        mine = await context.service(NoteService).mine(by=me().id)
        return await render_template("notes/index.html", notes=mine)

    @blueprint.post("/notes/<developer_id>")
    @allow(Who.CLIENT)
    async def write(developer_id: str) -> ResponseReturnValue:
        form = await request.form
        await context.service(NoteService).write(
            DeveloperId(developer_id), form.get("text", ""), by=me().id, avoid="avoid" in form
        )
        return redirect(f"/developers/{developer_id}", 303)

    return blueprint


def api(context: PluginContext) -> Blueprint:
    blueprint = Blueprint("api_notes", __name__, url_prefix=API)

    @blueprint.get("/notes")
    @allow(Who.CLIENT)
    async def mine() -> Response:
        """My notes, the newest first."""
        return json_response({"items": await context.service(NoteService).mine(by=me().id)})

    @blueprint.put("/notes/<developer_id>")
    @allow(Who.CLIENT)
    @validate_request(NoteBody)
    async def write(developer_id: str, data: NoteBody) -> Response:
        """Write or replace my note about a developer."""
        note = await context.service(NoteService).write(
            DeveloperId(developer_id), data.text, by=me().id, avoid=data.avoid
        )
        return json_response(note)

    return blueprint


class NoData(TypedDict):
    """An object without fields."""


class Counted(TypedDict):
    ok: Literal[True]
    count: int


class NoteAbout(TypedDict):
    developer: str


NOTES_CHANGED = LiveEvent(
    name="notes:changed",
    data=NoteAbout,
    summary="A note about this developer has changed: for its author.",
)


def counter(context: PluginContext) -> SocketHandler:
    @allow(Who.CLIENT)
    @document_event(NoData, answer=Counted)
    async def count(socket: Socket, data: object) -> Mapping[str, object]:
        """How many notes I have, twenty at most."""
        assert socket.viewer
        notes = await context.service(NoteService).mine(by=socket.viewer.id)
        return {"ok": True, "count": len(notes)}

    return count


def on_profile(context: PluginContext) -> Render:
    async def render(facts: Mapping[str, object]) -> str | None:
        viewer, developer = facts["viewer"], facts["developer"]
        assert isinstance(developer, Developer)
        if not isinstance(viewer, Account) or "client" not in viewer.roles:
            return None
        note = await context.service(NoteService).about(developer.id, by=viewer.id)
        return await render_template("notes/_panel.html", developer=developer, note=note)

    return render


def invited(entry: TimelineEntry, details: BookingDetails, side: Side) -> Line:
    return Line("A note was suggested" if side.is_client else "Finished")


def suggested(entry: Notification, about: BookingFacts) -> NoticeLine:
    return NoticeLine(f"A note on {about.side.name}?", "Only you will see it.", about.path)
