"""Webhooks of the LiveKit protocol: protojson with lower camel case names, without zero values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from core.calls import RoomName
from ports.video import ForgedNews, News, NewsKind

KINDS = {
    "participant_joined": NewsKind.JOINED,
    "participant_left": NewsKind.LEFT,
    "participant_connection_aborted": NewsKind.TROUBLE,
}
"""`participant_joined` is sent once media can flow, `…_aborted` if they never could."""


def parse(body: bytes) -> News:
    """The news in a body whose signature was right. Raises `ForgedNews` for one that no server of
    this protocol sends."""
    try:
        told: dict[str, Any] = orjson.loads(body)
        participant = told.get("participant", {})
        return News(
            kind=_kind(told, participant),
            room=RoomName(str(told.get("room", {}).get("name", ""))),
            guest=str(participant.get("identity", "")),
            connection=str(participant.get("sid", "")),
            at=datetime.fromtimestamp(int(told["createdAt"]), UTC),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise ForgedNews from error


def _kind(told: Mapping[str, Any], participant: Mapping[str, Any]) -> NewsKind:
    """Recorders and agents are no guests."""
    if participant.get("kind", "STANDARD") != "STANDARD":
        return NewsKind.OTHER
    return KINDS.get(str(told.get("event")), NewsKind.OTHER)
