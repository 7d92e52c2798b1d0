"""Outbox messages of chats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.outbox import Payload


@dataclass(frozen=True, slots=True)
class SummariseChat(Payload):
    """Make the summary of a chat include its newest message. Due shortly after a message, in case
    that the process that wrote it ended before it did so."""

    kind: ClassVar[str] = "chats.summarise"
    chat: str


@dataclass(frozen=True, slots=True)
class ReleaseFiles(Payload):
    """Remove files that were attached to a chat for a message, if that was never stored. `files`
    are their ids, separated by spaces."""

    kind: ClassVar[str] = "chats.release_files"
    chat: str
    sender: str
    client_id: str
    files: str


@dataclass(frozen=True, slots=True)
class TellUnread(Payload):
    """Tell an account about messages that it has not read until now."""

    kind: ClassVar[str] = "chats.unread"
    chat: str
    account: str
