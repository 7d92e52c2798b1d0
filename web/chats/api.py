"""Chats over the API: for programs, and for browsers whose sockets are blocked."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request
from typing_extensions import TypedDict

from core.accounts import AccountId
from core.chats import Blocked, Chat, ChatId, OwnProfile, TooManyChats, TooManyMessages
from core.developers import DeveloperId
from core.errors import NotFound
from core.files import FilesNotReady, UnusableFiles
from core.files_policy import FILES_MAXIMUM
from core.messages import ABOVE_ALL, CLIENT_ID_MAXIMUM, Message, MessageDeleted, TooLateToChange
from web.chats import schemas as schemas
from web.chats.syncing import changes_so_far
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Listed,
    Paging,
    Query,
    json_response,
    limits,
    page_response,
)
from web.shared.context import dependencies, me, services
from web.shared.openapi import document_errors

blueprint = Blueprint("api_chats", __name__, url_prefix=API)
about = tag(["Chats"])

Number = Annotated[int, Field(strict=True, ge=0, lt=ABOVE_ALL)]
"""The number of a message."""


class ChatRequest(Body):
    """`with` is the id of a developer's profile, or for developers the account id of a client."""

    with_: str = Field(alias="with", max_length=60)


class MessageBody(Body):
    """`files` are ids of own files that were uploaded for the purpose `chat`; beside them the body
    may be empty."""

    client_id: str = limits(minLength=1, maxLength=CLIENT_ID_MAXIMUM)
    body: str = limits("", maxLength=8000)
    reply_to: Annotated[int, Field(strict=True, ge=1, lt=ABOVE_ALL)] | None = None
    files: list[str] = Field(default=[], max_length=FILES_MAXIMUM)


class Edit(Body):
    """The body may be empty only if the message has files."""

    body: str = limits(maxLength=8000)


class ReadUpTo(Body):
    seq: Number


class Window(Query):
    """`after` or `before` is the number of a message that is not included; without both, the newest
    messages come. `changes` adds messages that were edited or deleted after this change."""

    after: int | None = Field(default=None, ge=0, lt=ABOVE_ALL)
    before: int | None = Field(default=None, ge=0, le=ABOVE_ALL)
    changes: int | None = Field(default=None, ge=0, lt=ABOVE_ALL)
    q: str = Field(default="", max_length=200)
    limit: int = Field(default=50, ge=1, le=100)


class ChatMessagesSchema(TypedDict):
    """`items` by number; of a search, the latest first. `changed` has the first messages that were
    edited or deleted after the given `changes`. When there are some, ask again with the `changes`
    of the answer."""

    items: list[schemas.ChatMessageSchema]
    changed: list[schemas.ChatMessageSchema]
    last_seq: int
    changes: int


@blueprint.get("/chats")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Listed[schemas.ChatSchema])
async def index(query_args: Paging) -> Response:
    """The own chats with messages, latest message first."""
    found, cursor = await services().chats.page(
        by=me().id, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response(await _schemas(*found), cursor)


@blueprint.post("/chats")
@allow(Who.SIGNED_IN)
@about
@validate_request(ChatRequest)
@document_response(schemas.ChatSchema, 201)
@document_errors(NotFound, OwnProfile, TooManyChats)
async def open_chat(data: ChatRequest) -> Response:
    """The chat with a developer or client, made if there is none."""
    chats = services().chats
    if data.with_.startswith("acc_"):
        chat = await chats.open_with_client(AccountId(data.with_), by=me().id)
    else:
        chat = await chats.open_with_developer(DeveloperId(data.with_), by=me().id)
    return await _answer(chat, 201)


@blueprint.get("/chats/<chat_id>")
@allow(Who.PARTY)
@about
@document_response(schemas.ChatSchema)
async def show(chat_id: str) -> Response:
    """One of the own chats."""
    return await _answer(await services().chats.get(ChatId(chat_id), by=me().id))


@blueprint.get("/chats/<chat_id>/messages")
@allow(Who.PARTY)
@about
@validate_querystring(Window)
@document_response(ChatMessagesSchema)
async def messages(chat_id: str, query_args: Window) -> Response:
    """Messages of a chat: the newest, those after or before a number, or those with all words of
    `q`."""
    chat = await services().chats.get(ChatId(chat_id), by=me().id)
    items = await _window(chat, query_args)
    changed: tuple[Message, ...] = ()
    if query_args.changes is not None and query_args.changes < chat.changes:
        changed = await services().messages.changed(
            chat.id, query_args.changes, by=me().id, limit=query_args.limit
        )
    last = max([chat.last_seq, *(item.seq for item in items)])
    return json_response(
        {
            "items": [schemas.message(item) for item in items],
            "changed": [schemas.message(item) for item in changed],
            "last_seq": last,
            "changes": changes_so_far(chat, changed, has_all=len(changed) < query_args.limit),
        }
    )


@blueprint.post("/chats/<chat_id>/messages")
@allow(Who.PARTY)
@about
@validate_request(MessageBody)
@document_response(schemas.SentSchema, 201)
@document_errors(Blocked, FilesNotReady, UnusableFiles, TooManyMessages)
async def send(chat_id: str, data: MessageBody) -> Response:
    """Send a message. Sent again with the same `client_id`, the answer is the stored message."""
    stored = await services().messages.send(
        ChatId(chat_id),
        by=me().id,
        body=data.body,
        client_id=data.client_id,
        reply_to=data.reply_to,
        files=data.files,
    )
    return json_response(schemas.sent(stored), 201)


@blueprint.patch("/chats/<chat_id>/messages/<seq>")
@allow(Who.PARTY)
@about
@validate_request(Edit)
@document_response(schemas.ChatMessageSchema)
@document_errors(Blocked, MessageDeleted, TooLateToChange)
async def edit(chat_id: str, seq: str, data: Edit) -> Response:
    """Change the text of an own message within ten minutes."""
    changed = await services().messages.edit(
        ChatId(chat_id), _number(seq), by=me().id, body=data.body
    )
    return json_response(schemas.message(changed))


@blueprint.delete("/chats/<chat_id>/messages/<seq>")
@allow(Who.PARTY)
@about
@document_response(schemas.ChatMessageSchema)
@document_errors(Blocked, MessageDeleted, TooLateToChange)
async def delete(chat_id: str, seq: str) -> Response:
    """Delete the text and files of an own message within ten minutes. Its place stays."""
    changed = await services().messages.delete(ChatId(chat_id), _number(seq), by=me().id)
    return json_response(schemas.message(changed))


@blueprint.post("/chats/<chat_id>/read")
@allow(Who.PARTY)
@about
@validate_request(ReadUpTo)
@document_response(schemas.ChatSchema)
async def read(chat_id: str, data: ReadUpTo) -> Response:
    """Mark all messages up to a number as read, in all tabs and devices."""
    return await _answer(await services().chats.read(ChatId(chat_id), data.seq, by=me().id))


@blueprint.post("/chats/<chat_id>/block")
@allow(Who.PARTY)
@about
@document_response(schemas.ChatSchema)
async def block(chat_id: str) -> Response:
    """Block the other party: nobody can write until you unblock."""
    return await _answer(await services().chats.block(ChatId(chat_id), by=me().id))


@blueprint.post("/chats/<chat_id>/unblock")
@allow(Who.PARTY)
@about
@document_response(schemas.ChatSchema)
async def unblock(chat_id: str) -> Response:
    """End the own block."""
    return await _answer(await services().chats.unblock(ChatId(chat_id), by=me().id))


def _number(seq: str) -> int:
    """The number of a message in a path. Raises `NotFound` for what is none."""
    if not (seq.isascii() and seq.isdigit() and len(seq) <= 10 and int(seq) < ABOVE_ALL):
        raise NotFound
    return int(seq)


async def _window(chat: Chat, asked: Window) -> tuple[Message, ...]:
    found, by = services().messages, me().id
    before = ABOVE_ALL if asked.before is None else asked.before
    if asked.q:
        return await found.search(chat.id, asked.q, by=by, before=before, limit=asked.limit)
    if asked.after is not None:
        return await found.after(chat.id, asked.after, by=by, limit=asked.limit)
    return await found.before(chat.id, before, by=by, limit=asked.limit)


async def _answer(chat: Chat, status: int = 200) -> Response:
    (answer,) = await _schemas(chat)
    return json_response(answer, status)


async def _schemas(*chats: Chat) -> list[schemas.ChatSchema]:
    """In one query for all accounts."""
    ids = {account for chat in chats for account in chat.accounts}
    people = await dependencies().store.repositories.accounts.many(sorted(ids))
    return [schemas.chat(chat, viewer=me().id, people=people) for chat in chats]
