"""Calls and attendance in JSON."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from core.calls import Attendance
from ports.video import IceServer
from services.calls import Admitted, Meeting
from web.shared.schemas import Moment, moment


class IceServerSchema(TypedDict):
    """A STUN or TURN server, in the form of WebRTC. `username` and `credential` may be empty."""

    urls: list[str]
    username: str
    credential: str


class CallSchema(TypedDict):
    """What a browser needs to enter the room. `url` and `token` are for the client of the provider,
    and empty for `peer`, which uses the socket events `call:…`."""

    provider: str
    url: str
    token: str
    room: str
    ice_servers: list[IceServerSchema]
    opens_at: Moment
    closes_at: Moment
    expires_at: Moment


class PresenceSchema(TypedDict):
    since: Moment
    until: Moment


class PartyAttendanceSchema(TypedDict):
    """`verdict`: `trouble` is somebody who tried to come and could not connect. `seconds` is the
    sum of `presences`. `here`: in the room now."""

    id: str
    verdict: Literal["expected", "attended", "late", "trouble", "absent"]
    presences: list[PresenceSchema]
    seconds: int
    here: bool


class AttendanceSchema(TypedDict):
    """`together_seconds`: how long both were in the room."""

    opens_at: Moment
    closes_at: Moment
    client: PartyAttendanceSchema
    developer: PartyAttendanceSchema
    together_seconds: int


def call(admitted: Admitted) -> CallSchema:
    admission, window = admitted.admission, admitted.window
    return {
        "provider": admitted.provider,
        "url": admission.url,
        "token": admission.token,
        "room": admitted.room,
        "ice_servers": [ice_server(each) for each in admission.ice_servers],
        "opens_at": moment(window.opens_at),
        "closes_at": moment(window.closes_at),
        "expires_at": moment(admission.expires_at),
    }


def ice_server(server: IceServer) -> IceServerSchema:
    return {
        "urls": list(server.urls),
        "username": server.username,
        "credential": server.credential,
    }


def attendance(meeting: Meeting) -> AttendanceSchema:
    return {
        "opens_at": moment(meeting.window.opens_at),
        "closes_at": moment(meeting.window.closes_at),
        "client": _party(meeting.client),
        "developer": _party(meeting.developer),
        "together_seconds": int(meeting.together.total_seconds()),
    }


def _party(one: Attendance) -> PartyAttendanceSchema:
    return {
        "id": one.account_id,
        "verdict": one.verdict.value,
        "presences": [
            {"since": moment(each.since), "until": moment(each.until)} for each in one.presences
        ],
        "seconds": int(one.length.total_seconds()),
        "here": one.here,
    }
