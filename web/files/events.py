"""The event about files that the server sends."""

from __future__ import annotations

from typing_extensions import TypedDict

from web.shared.live_events import LiveEvent


class FileUpdate(TypedDict):
    """`state`: checked, final or refused; `reason` is a sentence for a refused file, else ""."""

    file: str
    state: str
    reason: str


LIVE_EVENTS = (
    LiveEvent(
        name="file:updated",
        data=FileUpdate,
        summary="An uploaded file was checked: for its owner.",
    ),
)
