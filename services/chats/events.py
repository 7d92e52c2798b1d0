"""The socket events about messages: the same shape as in the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from core.messages import Message


def message_event(message: Message) -> Mapping[str, object]:
    """A message as programs get it; times are RFC 3339 in UTC."""
    return {
        "chat": message.chat,
        "seq": message.seq,
        "client_id": message.client_id,
        "sender": message.sender,
        "body": message.body,
        "at": _moment(message.at),
        "reply_to": message.reply_to,
        "edited_at": _moment(message.edited_at),
        "deleted_at": _moment(message.deleted_at),
        "files": list(message.files),
    }


def changed_event(message: Message) -> Mapping[str, object]:
    """A message after an edit or a deletion, with the number of the change."""
    return {**message_event(message), "change": message.change}


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
