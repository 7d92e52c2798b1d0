"""Socket events of calls. Each is authorised by session, booking and the time of its room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from core.bookings import BookingId
from core.calls import CONNECTION_MAXIMUM
from web.shared.access import Who, allow
from web.shared.live_events import LiveEvent, document_event
from web.shared.sockets import Socket

DESCRIPTION_MAXIMUM = 48_000
CANDIDATE_MAXIMUM = 2_000
"""Characters. Descriptions of calls with two tracks have about 8,000."""

BookingName = Annotated[str, StringConstraints(max_length=60)]
ConnectionName = Annotated[
    str, StringConstraints(min_length=1, max_length=CONNECTION_MAXIMUM, pattern=r"^[\w-]+$")
]


class InCall(TypedDict):
    """`connection` is a random name that a page makes for itself; without it, the socket's is
    used."""

    booking: BookingName
    connection: NotRequired[ConnectionName]


class Description(TypedDict):
    """A session description of WebRTC."""

    type: Literal["offer", "answer"]
    sdp: Annotated[str, StringConstraints(max_length=DESCRIPTION_MAXIMUM)]


class Candidate(TypedDict):
    """An ICE candidate of WebRTC; an empty text ends the list."""

    candidate: Annotated[str, StringConstraints(max_length=CANDIDATE_MAXIMUM)]
    sdpMid: NotRequired[Annotated[str, StringConstraints(max_length=64)] | None]
    sdpMLineIndex: NotRequired[Annotated[int, Field(ge=0, le=64)] | None]
    usernameFragment: NotRequired[Annotated[str, StringConstraints(max_length=256)] | None]


class Media(TypedDict):
    """What the party sends at the moment."""

    microphone: bool
    camera: bool
    screen: bool


class SignalData(TypedDict):
    """One or several of these. Anything else is left out."""

    description: NotRequired[Description]
    candidates: NotRequired[Annotated[list[Candidate], Field(max_length=20)]]
    media: NotRequired[Media]


class Signal(InCall):
    """For the connection `to` of the other party."""

    data: SignalData
    to: NotRequired[ConnectionName]


class InRoom(TypedDict):
    """You are in the room. `polite`: of two offers at once, yours gives way. `connection` is yours,
    `other` that of the other party, or null."""

    ok: Literal[True]
    connection: str
    polite: bool
    other: str | None


@allow(Who.PARTY)
@document_event(InCall, answer=InRoom)
async def join(socket: Socket, data: InCall) -> Mapping[str, object]:
    """Enter the room of a booking while it is open: `call:peer`, `call:signal` and `call:ended`
    arrive from now on. Another page of yours that is in the room gets `call:peer` with your
    account, and should leave."""
    by, connection = _me(socket), _connection(socket, data)
    presence = socket.services.call_presence
    booking = await presence.permitted(BookingId(data["booking"]), by=by)
    await socket.enter(_room(booking.id))
    await socket.enter(_own_room(booking.id, by))
    joined = await presence.join(booking.id, connection, by=by)
    polite, other = joined.polite, joined.other
    return {"ok": True, "connection": connection, "polite": polite, "other": other}


@allow(Who.PARTY)
@document_event(InCall)
async def heartbeat(socket: Socket, data: InCall) -> None:
    """Say that you are still in the room: every 4 seconds."""
    presence = socket.services.call_presence
    await presence.here(BookingId(data["booking"]), _connection(socket, data), by=_me(socket))


@allow(Who.PARTY)
@document_event(InCall)
async def leave(socket: Socket, data: InCall) -> None:
    """Leave the room."""
    booking, by = BookingId(data["booking"]), _me(socket)
    await socket.leave(_room(booking))
    await socket.services.call_presence.leave(booking, _connection(socket, data), by=by)


@allow(Who.PARTY)
@document_event(InCall)
async def trouble(socket: Socket, data: InCall) -> None:
    """Say that you cannot connect to the other party, or may not use camera and microphone: it is
    then not taken for an absence."""
    presence = socket.services.call_presence
    await presence.trouble(BookingId(data["booking"]), _connection(socket, data), by=_me(socket))


@allow(Who.PARTY)
@document_event(Signal)
async def signal(socket: Socket, data: Signal) -> None:
    """Send what connects the two browsers to the other party, who gets `call:signal`. Send the next
    one after the acknowledgement, so that they arrive in order."""
    booking, by = data["booking"], _me(socket)
    to = await socket.services.call_presence.signal(BookingId(booking), by=by)
    event = {
        "booking": booking,
        "account": by,
        "connection": _connection(socket, data),
        "to": data.get("to"),
        "data": data["data"],
    }
    await socket.send_to_others(_own_room(booking, to), "call:signal", event)


def _room(booking: str) -> str:
    return f"call:{booking}"


def _own_room(booking: str, account: str) -> str:
    return f"call:{booking}:{account}"


def _connection(socket: Socket, data: InCall) -> str:
    return data.get("connection") or socket.sid


def _me(socket: Socket) -> str:
    assert socket.viewer is not None
    return socket.viewer.id


class PeerInCall(TypedDict):
    """A party came, is still there, or has left."""

    booking: str
    account: str
    connection: str
    present: bool


class SignalOfPeer(TypedDict):
    """`account` and `connection` are those of the sender; `to` is the connection it is for."""

    booking: str
    account: str
    connection: str
    to: str | None
    data: SignalData


class CallEnded(TypedDict):
    booking: str


def _live(name: str, data: Any, summary: str) -> LiveEvent:
    return LiveEvent(name=name, data=data, summary=summary)


LIVE_EVENTS = (
    _live("call:peer", PeerInCall, "A party came, is still there, or left: for the room."),
    _live("call:signal", SignalOfPeer, "What connects two browsers: for one party in the room."),
    _live("call:ended", CallEnded, "The room has closed: for the room."),
)
EVENTS = {
    "call:join": join,
    "call:heartbeat": heartbeat,
    "call:leave": leave,
    "call:trouble": trouble,
    "call:signal": signal,
}
