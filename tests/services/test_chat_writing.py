"""Messages that are written at the same time, or in a process that is killed, on each store."""

from __future__ import annotations

from datetime import timedelta

from core.accounts import Account
from core.chats import Chat
from core.chats_messages import SummariseChat
from core.developers import Developer
from core.messages import Draft, Message
from core.outbox import OutboxMessage, State
from services.chats.writing import SUMMARISE_AFTER
from tests.app import MemoryApp

SECOND = timedelta(seconds=1)


async def a_pair(app: MemoryApp) -> tuple[Account, Developer, Chat]:
    meera, _ = await app.client()
    lucia = await app.developer()
    chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
    return meera, lucia, chat


async def write(app: MemoryApp, chat: Chat, by: str, client_id: str) -> Message:
    """Store a message as a process does that is killed before it updates the summary."""
    draft = Draft(chat.id, client_id, by, f"Text of {client_id}.", app.clock.now())
    return await app.services.messages.writer.write(draft)


async def current(app: MemoryApp, chat: Chat) -> Chat:
    return await app.store.repositories.chats.get(chat.id)


async def test_the_summary_after_a_kill_counts_no_message_of_the_reader_itself(
    any_app: MemoryApp,
) -> None:
    app = any_app
    meera, lucia, chat = await a_pair(app)
    await write(app, chat, meera.id, "1")
    await write(app, chat, meera.id, "2")
    await write(app, chat, lucia.account_id, "3")
    assert (await current(app, chat)).last_seq == 0

    await app.pass_time(2 * SUMMARISE_AFTER)

    summary = await current(app, chat)
    assert (summary.unread(meera.id), summary.unread(lucia.account_id)) == (1, 0)


async def test_a_check_of_the_summary_comes_after_the_message_is_stored(
    any_app: MemoryApp,
) -> None:
    """The check of an earlier message is due while a later one is being written; it sees only the
    former. The process is killed afterwards."""
    app = any_app
    meera, lucia, chat = await a_pair(app)
    await write(app, chat, meera.id, "1")
    first = await due_check(app)
    app.clock.advance(first.due_at - app.clock.now())
    await app.run()
    app.clock.advance(-SECOND)  # to the moment at which the write began
    await write(app, chat, meera.id, "2")

    await app.pass_time(2 * SUMMARISE_AFTER)

    assert (await current(app, chat)).unread(lucia.account_id) == 2


async def due_check(app: MemoryApp) -> OutboxMessage:
    due = app.clock.now() + 2 * SUMMARISE_AFTER
    found = await app.store.repositories.outbox.in_state(State.READY, limit=99)
    (check,) = [each for each in found if each.kind == SummariseChat.kind and each.due_at <= due]
    return check
