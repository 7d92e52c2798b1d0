"""Messages of a chat: numbered, and for a short time changeable by their sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from core.chats_policy import ChatPolicy
from core.errors import Conflict, Invalid, NotFound
from core.text import checked_text

ABOVE_ALL = 2**31
"""A number that no message has."""
CLIENT_ID_MAXIMUM = 64
"""Characters of the id that the sender gives a message."""


class TooLateToChange(Conflict):
    """A message can be changed for a short time only. Write a new one instead."""

    code = "message_too_old"


class MessageDeleted(Conflict):
    """This message has been deleted."""

    code = "message_deleted"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message without a number. `client_id` is made by the sender, once per message, so that it
    can be sent again. `sender` is an account id; `reply_to` the number of another message of the
    chat. `flagged`: it contains contact data (`core/contact_data.py`). `files` are ids of files,
    beside which the body may be empty; `file_names` are their names."""

    chat: str
    client_id: str
    sender: str
    body: str
    at: datetime
    reply_to: int | None = None
    flagged: bool = False
    files: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """`seq` counts the messages of the chat from 1, without gaps. `change` is the number of its
    last edit or deletion among those of the chat, 0 without one. The body of a deleted message is
    empty. `files` are ids of files, `file_names` their names in the same order, which messages of
    earlier versions do not have. Times are in UTC."""

    chat: str
    seq: int
    client_id: str
    sender: str
    body: str
    at: datetime
    reply_to: int | None = None
    flagged: bool = False
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    change: int = 0
    files: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, draft: Draft, seq: int) -> Self:
        return cls(
            chat=draft.chat,
            seq=seq,
            client_id=draft.client_id,
            sender=draft.sender,
            body=draft.body,
            at=draft.at,
            reply_to=draft.reply_to,
            flagged=draft.flagged,
            files=draft.files,
            file_names=draft.file_names,
        )

    def edit(self, body: str, *, by: str, now: datetime, change: int, policy: ChatPolicy) -> Self:
        """The message with another text. Raises `NotFound` for another account than the sender's,
        `MessageDeleted`, `TooLateToChange`, and `Invalid` for the text."""
        self._check_change(by, now, policy)
        text = checked_body(body, policy, files=self.files)
        return replace(self, body=text, edited_at=now, change=change)

    def delete(self, *, by: str, now: datetime, change: int, policy: ChatPolicy) -> Self:
        """The message without its text and files; the place in the chat stays. Raises as `edit`."""
        self._check_change(by, now, policy)
        return replace(self, body="", files=(), file_names=(), deleted_at=now, change=change)

    def _check_change(self, by: str, now: datetime, policy: ChatPolicy) -> None:
        if self.sender != by:
            raise NotFound
        if self.deleted_at:
            raise MessageDeleted
        if now > self.at + policy.edit_within:
            raise TooLateToChange


def checked_body(body: str, policy: ChatPolicy, *, files: Sequence[str] = ()) -> str:
    """The text as it is stored; it may be empty beside files. Raises `Invalid`."""
    return checked_text(
        body,
        field="body",
        maximum=policy.message_maximum,
        lines=True,
        called="message",
        empty="" if files else "Write a message first.",
    )


def checked_client_id(value: str) -> str:
    """1 to `CLIENT_ID_MAXIMUM` visible ASCII characters. Raises `Invalid`."""
    if not 1 <= len(value) <= CLIENT_ID_MAXIMUM or not (value.isascii() and value.isprintable()):
        raise Invalid(client_id="The id of the message must have 1 to 64 characters of ASCII.")
    return value
