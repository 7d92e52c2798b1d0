"""Chats and messages as programs get them, in the API and in socket events."""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import TypedDict

from core.accounts import Account
from core.chats import Chat, Last
from core.messages import Message
from web.shared.schemas import Moment, maybe, moment


class ChatPartySchema(TypedDict):
    """A party of a chat. `id` is the account id, as in `sender` of messages; `read` the number of
    the last message it has read."""

    id: str
    name: str
    avatar_url: str | None
    read: int


class LastSchema(TypedDict):
    """The newest message, shortened. `files` counts its files."""

    sender: str
    text: str
    at: Moment
    files: int


class ChatSchema(TypedDict):
    """`last_seq` is the number of the newest message. `unread` counts the messages after the last
    one you have read. `changes` is the number of the last edit or deletion."""

    id: str
    client: ChatPartySchema
    developer: ChatPartySchema
    developer_id: str
    last: LastSchema | None
    last_seq: int
    changes: int
    unread: int
    blocked: bool
    opened_at: Moment


class ChatMessageSchema(TypedDict):
    """`seq` counts the messages of the chat from 1 without gaps. `client_id` is of the sender.
    The body of a deleted message is empty, and that of a message with files may be. `files` are ids
    of files: see `GET /api/v1/files/<file_id>`."""

    chat: str
    seq: int
    client_id: str
    sender: str
    body: str
    at: Moment
    reply_to: int | None
    edited_at: Moment | None
    deleted_at: Moment | None
    files: list[str]


class SentSchema(ChatMessageSchema):
    """`warning` is a sentence for the sender about what the message contains, or null."""

    warning: str | None


CONTACT_WARNING = (
    "Keep contact and payment on 1HourDeveloper until the first booking is paid: outside of it we "
    "cannot hold or refund your money."
)


def chat(value: Chat, *, viewer: str, people: Mapping[str, Account]) -> ChatSchema:
    """A chat as the account `viewer` sees it. `people` has both accounts by id."""

    def party(account_id: str) -> ChatPartySchema:
        person = people[account_id]
        return {
            "id": account_id,
            "name": person.name,
            "avatar_url": person.avatar,
            "read": value.member(account_id).read,
        }

    return {
        "id": value.id,
        "client": party(value.client.account_id),
        "developer": party(value.developer.account_id),
        "developer_id": value.developer_id,
        "last": _last(value.last) if value.last else None,
        "last_seq": value.last_seq,
        "changes": value.changes,
        "unread": value.unread(viewer),
        "blocked": bool(value.blocked_by),
        "opened_at": moment(value.opened_at),
    }


def _last(value: Last) -> LastSchema:
    return {
        "sender": value.sender,
        "text": value.text,
        "at": moment(value.at),
        "files": value.files,
    }


def message(value: Message) -> ChatMessageSchema:
    return {
        "chat": value.chat,
        "seq": value.seq,
        "client_id": value.client_id,
        "sender": value.sender,
        "body": value.body,
        "at": moment(value.at),
        "reply_to": value.reply_to,
        "edited_at": maybe(value.edited_at),
        "deleted_at": maybe(value.deleted_at),
        "files": list(value.files),
    }


def sent(value: Message) -> SentSchema:
    """A message as its sender gets it."""
    return {**message(value), "warning": CONTACT_WARNING if value.flagged else None}
