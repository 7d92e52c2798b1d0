"""Socket events of pads. Each is authorised by the session and by the parties of the booking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import StringConstraints
from typing_extensions import TypedDict

from core.bookings import BookingId
from services.bootstrap import Services
from web.pads.schemas import read_bytes
from web.shared.access import Who, allow
from web.shared.live_events import LiveEvent, document_event
from web.shared.schemas import Moment, moment
from web.shared.sockets import Socket

CHANGE_CHARACTERS = 48_000
"""Of base64: a packet holds 64,000. Larger changes are sent over the API."""

BookingName = Annotated[str, StringConstraints(max_length=60)]
PageName = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w-]+$")]
Position = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9+/=]*$")]


class PadNamed(TypedDict):
    """The booking to which the pad belongs."""

    booking: BookingName


class PadChanged(PadNamed):
    """`change` is an update of Yjs (version 1) in base64, for a document with the text `pad`."""

    change: Annotated[str, StringConstraints(max_length=CHANGE_CHARACTERS)]


class PadCursor(PadNamed):
    """`page` is a random name that a page makes for itself. `anchor` and `head` are relative
    positions of Yjs in base64; without them, the page shows no cursor any more."""

    page: PageName
    anchor: NotRequired[Position]
    head: NotRequired[Position]


class PadLanguage(PadNamed):
    language: Annotated[str, StringConstraints(max_length=20)]


class OpenedPad(TypedDict):
    """The pad has the changes up to `seq`: get those that you lack over the API."""

    ok: Literal[True]
    seq: int
    language: str
    editable: bool
    closes_at: Moment


class StoredChange(TypedDict):
    """The change is stored durably; the pad has the changes up to `seq`."""

    ok: Literal[True]
    seq: int


@allow(Who.PARTY)
@document_event(PadNamed, answer=OpenedPad)
async def open_pad(socket: Socket, data: PadNamed) -> Mapping[str, object]:
    """Join the room of the pad: `pad:changed`, `pad:cursor` and `pad:language` arrive from now on.
    Ask again from time to time: events can be lost."""
    read = await socket.services.pads.read(BookingId(data["booking"]), by=_me(socket))
    await socket.enter(_room(read.booking.id))
    return {
        "ok": True,
        "seq": read.pad.seq,
        "language": read.pad.language,
        "editable": read.is_editable,
        "closes_at": moment(read.closes_at),
    }


@allow(Who.PARTY)
@document_event(PadNamed)
async def close_pad(socket: Socket, data: PadNamed) -> None:
    """Leave the room of the pad."""
    await socket.leave(_room(data["booking"]))


@allow(Who.PARTY)
@document_event(PadChanged, answer=StoredChange)
async def change(socket: Socket, data: PadChanged) -> Mapping[str, object]:
    """Change the text. The answer comes when the change is stored durably."""
    seq = await socket.services.pads.change(
        BookingId(data["booking"]), read_bytes(data["change"], "change"), by=_me(socket)
    )
    return {"ok": True, "seq": seq}


@allow(Who.PARTY)
@document_event(PadCursor)
async def cursor(socket: Socket, data: PadCursor) -> None:
    """Show the other party where you write: when it changes, and every 15 seconds."""
    by = _me(socket)
    booking = await socket.services.pads.show_cursor(BookingId(data["booking"]), by=by)
    event = {
        "booking": booking.id,
        "account": by,
        "page": data["page"],
        "anchor": data.get("anchor"),
        "head": data.get("head"),
    }
    await socket.send_to_others(_room(booking.id), "pad:cursor", event)


@allow(Who.PARTY)
@document_event(PadLanguage)
async def language(socket: Socket, data: PadLanguage) -> None:
    """Choose the language of the code, for both."""
    await socket.services.pads.choose(BookingId(data["booking"]), data["language"], by=_me(socket))


def _room(booking: str) -> str:
    return f"pad:{booking}"


def _me(socket: Socket) -> str:
    assert socket.viewer is not None
    return socket.viewer.id


class ChangeOfPad(TypedDict):
    """`change` is the update of Yjs in base64, or null if it is too large for an event."""

    booking: str
    seq: int
    change: str | None


class CursorInPad(TypedDict):
    """Where a page of the account writes. One that is not heard of for 45 seconds has gone."""

    booking: str
    account: str
    page: str
    anchor: str | None
    head: str | None


class LanguageOfPad(TypedDict):
    booking: str
    language: str


def _live(name: str, data: Any, summary: str) -> LiveEvent:
    return LiveEvent(name=name, data=data, summary=summary)


def _changed(services: Services, data: Any) -> None:
    services.pads.learn(data)


LIVE_EVENTS = (
    LiveEvent(
        name="pad:changed",
        data=ChangeOfPad,
        summary="The text of a pad has changed: for the room of the pad, also for the sender.",
        heard=_changed,
    ),
    _live("pad:cursor", CursorInPad, "A party writes elsewhere: for the room of the pad."),
    _live("pad:language", LanguageOfPad, "The language was chosen: for the room of the pad."),
)
EVENTS = {
    "pad:open": open_pad,
    "pad:close": close_pad,
    "pad:change": change,
    "pad:cursor": cursor,
    "pad:language": language,
}
