"""Socket events of chats. Each is authorised by the session and by the parties of the chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from core.accounts import Account
from core.chats import ChatId
from core.files_policy import FILES_MAXIMUM
from core.messages import ABOVE_ALL, CLIENT_ID_MAXIMUM
from services.bootstrap import Services
from web.chats import schemas
from web.chats.syncing import changes_so_far, read_part
from web.shared.access import Who, allow
from web.shared.live_events import LiveEvent, document_event
from web.shared.schemas import Moment
from web.shared.sockets import Socket

SYNCED_AT_MOST = 200
"""Messages in the answer of one `chat:sync`."""
SYNCED_CHARACTERS = 50_000
"""Of their texts. A character needs up to twelve in JSON, and a socket for which too much waits is
closed (`web/shared/socket_server.py`)."""

ChatName = Annotated[str, StringConstraints(max_length=60)]
FileName = Annotated[str, StringConstraints(max_length=60)]
Number = Annotated[int, Field(strict=True, ge=0, lt=ABOVE_ALL)]


class ChatNamed(TypedDict):
    """The id of a chat."""

    chat: ChatName


class SendMessage(TypedDict):
    """`client_id` is made by the sender, once per message; with the same one a message can be sent
    again after a lost connection. `reply_to` is the number of another message. `files` are ids of
    own files that were uploaded for the purpose `chat`; beside them the body may be empty."""

    chat: ChatName
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=CLIENT_ID_MAXIMUM)]
    body: Annotated[str, StringConstraints(max_length=20_000)]
    reply_to: NotRequired[Number | None]
    files: NotRequired[Annotated[list[FileName], Field(max_length=FILES_MAXIMUM)]]


class SyncFrom(TypedDict):
    """`after` is the number of the last message you have; `changes` that of the last change."""

    chat: ChatName
    after: Number
    changes: NotRequired[Number]


class ReadUpTo(TypedDict):
    chat: ChatName
    seq: Number


class Opened(TypedDict):
    """The state of the chat. `read` has the number of the last message each account has read."""

    ok: Literal[True]
    last_seq: int
    changes: int
    read: dict[str, int]


class Sent(TypedDict):
    """The message is stored. `warning` is a sentence for the sender, or null."""

    ok: Literal[True]
    seq: int
    at: Moment
    warning: str | None


class Synced(TypedDict):
    """`messages` by number. When `last_seq` is higher than the last of them, ask again after it.
    `changed` are the first messages that were changed after the given `changes`. When there are
    some, ask again with the `changes` of the answer."""

    ok: Literal[True]
    messages: list[schemas.ChatMessageSchema]
    changed: list[schemas.ChatMessageSchema]
    last_seq: int
    changes: int


class Read(TypedDict):
    ok: Literal[True]
    read: int


@allow(Who.PARTY)
@document_event(ChatNamed, answer=Opened)
async def open_chat(socket: Socket, data: ChatNamed) -> Mapping[str, object]:
    """Join the room of the chat: `chat:message`, `chat:edited`, `chat:deleted`, `chat:read` and
    `chat:typing` arrive from now on."""
    chat = await socket.services.chats.get(ChatId(data["chat"]), by=_me(socket).id)
    await socket.enter(f"chat:{chat.id}")
    read = {account: chat.member(account).read for account in chat.accounts}
    return {"ok": True, "last_seq": chat.last_seq, "changes": chat.changes, "read": read}


@allow(Who.PARTY)
@document_event(ChatNamed)
async def close_chat(socket: Socket, data: ChatNamed) -> None:
    """Leave the room of the chat, whose other sockets get `presence`. A page that is left says this
    last: the connection may have ended, and with it the membership, before it is handled."""
    await socket.leave(f"chat:{data['chat']}")
    await socket.services.presence.gone(ChatId(data["chat"]), by=_me(socket).id)


@allow(Who.PARTY)
@document_event(ChatNamed)
async def here(socket: Socket, data: ChatNamed) -> None:
    """Say that you have the chat open: when it is opened, every 45 seconds while it is shown, and
    when `presence` says that you have gone."""
    await socket.services.presence.here(ChatId(data["chat"]), by=_me(socket).id)


@allow(Who.PARTY)
@document_event(SendMessage, answer=Sent)
async def send(socket: Socket, data: SendMessage) -> Mapping[str, object]:
    """Send a message. The answer comes when it is stored durably."""
    stored = await socket.services.messages.send(
        ChatId(data["chat"]),
        by=_me(socket).id,
        body=data["body"],
        client_id=data["client_id"],
        reply_to=data.get("reply_to"),
        files=data.get("files", ()),
    )
    sent = schemas.sent(stored)
    return {"ok": True, "seq": sent["seq"], "at": sent["at"], "warning": sent["warning"]}


@allow(Who.PARTY)
@document_event(SyncFrom, answer=Synced)
async def sync(socket: Socket, data: SyncFrom) -> Mapping[str, object]:
    """Get the messages after a number, and what has changed since: after each connect, and when a
    number is missing."""
    by, messages = _me(socket).id, socket.services.messages
    chat = await socket.services.chats.get(ChatId(data["chat"]), by=by)
    missed = await read_part(
        lambda after, limit: messages.after(chat.id, after, by=by, limit=limit),
        data["after"],
        number=lambda message: message.seq,
        limit=SYNCED_AT_MOST,
        characters=SYNCED_CHARACTERS,
    )
    last = missed.read[-1].seq if missed.read else chat.last_seq
    if not missed.is_end:
        last = await messages.last_seq(chat)
    changed = await read_part(
        lambda after, limit: messages.changed(chat.id, after, by=by, limit=limit),
        data.get("changes", chat.changes),
        number=lambda message: message.change,
        limit=SYNCED_AT_MOST,
        characters=SYNCED_CHARACTERS - sum(len(each.body) for each in missed.messages),
    )
    return {
        "ok": True,
        "messages": [schemas.message(each) for each in missed.messages],
        "changed": [schemas.message(each) for each in changed.messages],
        "last_seq": last,
        "changes": changes_so_far(chat, changed.messages, has_all=changed.has_all),
    }


@allow(Who.PARTY)
@document_event(ChatNamed)
async def typing(socket: Socket, data: ChatNamed) -> None:
    """Tell the other party that you are typing, at most every few seconds. Only in a chat whose
    room you have joined."""
    room = f"chat:{data['chat']}"
    by = _me(socket).id
    if socket.is_in(room) and socket.services.messages.may_show_typing(by=by):
        event = {"chat": data["chat"], "account": by}
        await socket.send_to_others(room, "chat:typing", event)


@allow(Who.PARTY)
@document_event(ReadUpTo, answer=Read)
async def read(socket: Socket, data: ReadUpTo) -> Mapping[str, object]:
    """Mark all messages up to a number as read, in all tabs and devices."""
    by = _me(socket).id
    chat = await socket.services.chats.read(ChatId(data["chat"]), data["seq"], by=by)
    return {"ok": True, "read": chat.member(by).read}


def _me(socket: Socket) -> Account:
    assert socket.viewer is not None
    return socket.viewer


class ChangedMessage(schemas.ChatMessageSchema):
    """`change` is the number of this change among those of the chat."""

    change: int


class ReadMark(TypedDict):
    """The account has read all messages up to `seq`."""

    chat: str
    account: str
    seq: int


class TypingAccount(TypedDict):
    chat: str
    account: str


class PresenceOfAccount(TypedDict):
    """Whether the account has the chat open; `online` is true again and again, and somebody who is
    not heard of for two minutes has gone."""

    account: str
    chat: str
    online: bool


class ChatUpdate(TypedDict):
    """`read` and `unread` are those of the account that gets the event."""

    chat: str
    last_seq: int
    changes: int
    read: int
    unread: int


def _live(name: str, data: Any, summary: str) -> LiveEvent:
    return LiveEvent(name=name, data=data, summary=summary)


def _message_stored(services: Services, data: Any) -> None:
    services.messages.writer.learn(data["chat"], data["seq"])


LIVE_EVENTS = (
    LiveEvent(
        name="chat:message",
        data=schemas.ChatMessageSchema,
        summary="A new message: for the room of the chat.",
        heard=_message_stored,
    ),
    _live("chat:edited", ChangedMessage, "A message was edited: for the room of the chat."),
    _live("chat:deleted", ChangedMessage, "A message was deleted: for the room of the chat."),
    _live("chat:read", ReadMark, "A party has read messages: for the room of the chat."),
    _live("chat:typing", TypingAccount, "A party is typing: for the room of the chat."),
    _live("presence", PresenceOfAccount, "A party came or left: for the room of the chat."),
    _live(
        "chat:updated",
        ChatUpdate,
        "A chat has new messages or marks: for both parties, at most every second.",
    ),
)
EVENTS = {
    "chat:open": open_chat,
    "chat:close": close_chat,
    "chat:here": here,
    "chat:send": send,
    "chat:sync": sync,
    "chat:typing": typing,
    "chat:read": read,
}
