"""Chats: opened, written, read, changed, blocked, and told about by notices."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.accounts import Account
from core.chats import Blocked, Chat, ChatId, TooManyChats, TooManyMessages
from core.chats_messages import SummariseChat, TellUnread
from core.chats_policy import ChatPolicy
from core.developers import Developer
from core.errors import Forbidden, Invalid, NotFound
from core.messages import Message
from core.outbox import State
from core.policy import Policies
from tests.app import CALLER, MemoryApp
from tests.services.test_personal_data import book, paid

MINUTE = timedelta(minutes=1)


async def a_pair(app: MemoryApp) -> tuple[Account, Developer, Chat]:
    meera, _ = await app.client()
    lucia = await app.developer()
    chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
    return meera, lucia, chat


async def say(app: MemoryApp, chat: Chat, by: str, body: str, client_id: str = "") -> Message:
    sent = await app.services.messages.send(
        chat.id, by=by, body=body, client_id=client_id or app.ids.new("local")
    )
    await app.services.chat_summaries.settle()
    return sent


async def current(app: MemoryApp, chat: Chat) -> Chat:
    return await app.store.repositories.chats.get(chat.id)


async def test_a_pair_has_one_chat_whoever_opens_it(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    booking = await paid(app, await book(app, meera, lucia))
    chats = app.services.chats

    opened = [
        await chats.open_with_developer(lucia.id, by=meera.id),
        await chats.open_for_booking(booking.id, by=lucia.account_id),
        await chats.open_with_client(meera.id, by=lucia.account_id),
    ]

    assert {each.id for each in opened} == {chat.id}
    assert await chats.page(by=meera.id) == ((), None), "a chat without a message is not listed"


async def test_a_developer_writes_only_to_clients_who_came_first(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia, arjun = await app.developer(), await app.developer("Arjun")

    with pytest.raises(NotFound):
        await app.services.chats.open_with_client(meera.id, by=lucia.account_id)
    with pytest.raises(Forbidden):
        await app.services.chats.open_with_developer(arjun.id, by=lucia.account_id)


async def test_a_profile_that_is_not_published_cannot_be_written_to(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    await app.store.repositories.developers.save(replace(lucia, published=False))

    with pytest.raises(NotFound):
        await app.services.chats.open_with_developer(lucia.id, by=meera.id)


async def test_a_client_writes_to_five_new_developers_an_hour(app: MemoryApp) -> None:
    meera, _ = await app.client()
    found = [await app.developer(f"Developer {letter}") for letter in "abcdef"]
    for developer in found[:5]:
        await app.services.chats.open_with_developer(developer.id, by=meera.id)

    with pytest.raises(TooManyChats):
        await app.services.chats.open_with_developer(found[5].id, by=meera.id)
    await app.services.chats.open_with_developer(found[0].id, by=meera.id)
    app.clock.advance(timedelta(hours=1))
    await app.services.chats.open_with_developer(found[5].id, by=meera.id)


async def test_messages_are_numbered_published_and_counted(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)

    await say(app, chat, meera.id, "Hello.")
    await say(app, chat, meera.id, "Are you there?")
    answer = await say(app, chat, lucia.account_id, "Yes.")

    assert answer.seq == 3
    summary = await current(app, chat)
    assert summary.last and summary.last.text == "Yes."
    assert (summary.unread(meera.id), summary.unread(lucia.account_id)) == (1, 0)
    assert await app.services.chats.unread_count(by=meera.id) == 1
    events = [each for each in app.live.published if each.event == "chat:message"]
    assert [(each.room, each.data["seq"]) for each in events] == [
        (f"chat:{chat.id}", seq) for seq in (1, 2, 3)
    ]
    updates = [each for each in app.live.published if each.event == "chat:updated"]
    assert [(each.room, each.data["unread"]) for each in updates[-2:]] == [
        (f"account:{meera.id}", 1),
        (f"account:{lucia.account_id}", 0),
    ]


async def test_a_message_sent_again_is_stored_once(app: MemoryApp) -> None:
    meera, _, chat = await a_pair(app)

    first = await say(app, chat, meera.id, "Hello.", "m-1")
    again = await asyncio.gather(
        *(say(app, chat, meera.id, "Hello, changed.", "m-1") for _ in range(5))
    )

    assert {message.seq for message in again} == {1}
    assert {message.body for message in again} == {"Hello."}
    assert (await current(app, chat)).last_seq == first.seq == 1


async def test_only_the_parties_take_part(app: MemoryApp) -> None:
    meera, _, chat = await a_pair(app)
    other, _ = await app.client("Rohan")
    await say(app, chat, meera.id, "Hello.")
    messages, chats = app.services.messages, app.services.chats

    for attempt in (
        chats.get(chat.id, by=other.id),
        chats.read(chat.id, 1, by=other.id),
        chats.block(chat.id, by=other.id),
        messages.send(chat.id, by=other.id, body="Hi.", client_id="x"),
        messages.after(chat.id, 0, by=other.id, limit=9),
        messages.before(chat.id, 9, by=other.id, limit=9),
        messages.search(chat.id, "hello", by=other.id, before=9, limit=9),
        messages.edit(chat.id, 1, by=other.id, body="New."),
        messages.delete(chat.id, 1, by=other.id),
        messages.send(ChatId("cht_none"), by=other.id, body="Hi.", client_id="x"),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_one_refused_message_of_a_batch_does_not_harm_the_others(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    other, _ = await app.client("Rohan")
    blocked = await app.services.chats.open_with_developer(lucia.id, by=other.id)
    await app.services.chats.block(blocked.id, by=lucia.account_id)
    send = app.services.messages.send

    results = await asyncio.gather(
        send(chat.id, by=meera.id, body="One.", client_id="1"),
        send(chat.id, by=other.id, body="Two.", client_id="2"),
        send(blocked.id, by=other.id, body="Three.", client_id="3"),
        send(chat.id, by=lucia.account_id, body="Four.", client_id="4"),
        return_exceptions=True,
    )

    assert [type(each).__name__ for each in results] == [
        "Message", "NotFound", "Blocked", "Message"
    ]  # fmt: skip


async def test_reading_marks_all_devices_and_never_goes_back(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    for text in ("One.", "Two.", "Three."):
        await say(app, chat, meera.id, text)
    app.live.published.clear()

    read = await app.services.chats.read(chat.id, 2, by=lucia.account_id)
    older = await app.services.chats.read(chat.id, 1, by=lucia.account_id)
    beyond = await app.services.chats.read(chat.id, 99, by=lucia.account_id)

    marks = [each.member(lucia.account_id).read for each in (read, older, beyond)]
    assert marks == [2, 2, 3]
    told = [(e.event, e.data.get("seq", e.data.get("unread"))) for e in app.live.published]
    assert told == [
        ("chat:read", 2), ("chat:updated", 0), ("chat:updated", 1),
        ("chat:read", 3), ("chat:updated", 0), ("chat:updated", 0),
    ]  # fmt: skip


async def test_a_mark_counts_although_the_summary_is_behind(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    await app.services.messages.send(chat.id, by=meera.id, body="Hello.", client_id="1")

    read = await app.services.chats.read(chat.id, 1, by=lucia.account_id)
    await app.services.chat_summaries.settle()

    assert read.member(lucia.account_id).read == 1
    assert (await current(app, chat)).unread(lucia.account_id) == 0


async def test_an_edit_and_a_deletion_leave_a_trace_and_a_change_number(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    await say(app, chat, meera.id, "Helo.")
    await say(app, chat, meera.id, "Secret.")

    await app.services.messages.edit(chat.id, 1, by=meera.id, body="Hello.")
    await app.services.messages.delete(chat.id, 2, by=meera.id)

    changed = await app.services.messages.changed(chat.id, 0, by=lucia.account_id, limit=9)
    assert [(m.seq, m.body, m.change) for m in changed] == [(1, "Hello.", 1), (2, "", 2)]
    summary = await current(app, chat)
    assert summary.changes == 2
    assert summary.last and summary.last.text == ""
    names = [each.event for each in app.live.published if each.room.startswith("chat:")]
    assert names[-2:] == ["chat:edited", "chat:deleted"]


async def test_a_reply_names_a_message_of_the_same_chat(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    await say(app, chat, meera.id, "Hello.")
    send = app.services.messages.send

    reply = await send(chat.id, by=lucia.account_id, body="Yes.", client_id="1", reply_to=1)

    assert reply.reply_to == 1
    with pytest.raises(Invalid):
        await send(chat.id, by=lucia.account_id, body="No.", client_id="2", reply_to=7)


async def test_nobody_writes_in_a_blocked_chat(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    await say(app, chat, meera.id, "Hello.")
    await app.services.chats.block(chat.id, by=lucia.account_id)

    for attempt in (
        app.services.messages.send(chat.id, by=meera.id, body="Why?", client_id="1"),
        app.services.messages.edit(chat.id, 1, by=meera.id, body="Why?"),
    ):
        with pytest.raises(Blocked):
            await attempt
    await app.services.chats.unblock(chat.id, by=lucia.account_id)
    await say(app, chat, meera.id, "Thank you.")


async def test_an_account_sends_twenty_messages_a_minute(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    for number in range(20):
        await say(app, chat, meera.id, f"Message {number}.")

    with pytest.raises(TooManyMessages):
        await say(app, chat, meera.id, "One more.")
    await say(app, chat, lucia.account_id, "Slowly.")
    app.clock.advance(timedelta(seconds=3))
    await say(app, chat, meera.id, "One more.")


async def test_contact_data_are_flagged_until_the_first_payment(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)

    before = await say(app, chat, meera.id, "Write to meera@example.com.")
    await paid(app, await book(app, meera, lucia))
    after = await say(app, chat, meera.id, "I am meera@example.com.")

    assert (before.flagged, after.flagged) == (True, False)


async def test_operators_may_switch_the_warning_about_contact_data_off() -> None:
    app = MemoryApp(policies=Policies(ChatPolicy(warn_before_payment=0)))
    meera, _, chat = await a_pair(app)

    assert not (await say(app, chat, meera.id, "Write to meera@example.com.")).flagged


async def test_a_process_that_ends_before_the_summary_is_made_up_for(app: MemoryApp) -> None:
    """The message is acknowledged, then the process is killed."""
    meera, lucia, chat = await a_pair(app)
    await app.services.messages.send(chat.id, by=meera.id, body="Hello.", client_id="1")
    app.services.chat_summaries._new.clear()  # what the process would have done next
    assert (await current(app, chat)).last_seq == 0

    await app.pass_time(MINUTE)

    summary = await current(app, chat)
    assert (summary.last_seq, summary.unread(lucia.account_id)) == (1, 1)
    assert await _state(app, TellUnread) == State.READY


async def test_many_messages_have_the_summary_checked_once(app: MemoryApp) -> None:
    meera, _, chat = await a_pair(app)
    for number in range(5):
        await say(app, chat, meera.id, f"Message {number}.")

    waiting = await app.store.repositories.outbox.in_state(State.READY, limit=99)

    assert [each.kind for each in waiting if each.kind == SummariseChat.kind] == [
        SummariseChat.kind
    ]


async def _state(app: MemoryApp, payload: type) -> State | None:
    for state in State:
        for each in await app.store.repositories.outbox.in_state(state, limit=99):
            if each.kind == payload.kind:  # type: ignore[attr-defined]
                return state
    return None


async def test_unread_messages_are_told_about_after_a_quarter_of_an_hour(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    await say(app, chat, meera.id, "Hello.")

    await app.pass_time(14 * MINUTE)
    assert (await current(app, chat)).member(lucia.account_id).told == 0
    await app.pass_time(2 * MINUTE)
    assert (await current(app, chat)).member(lucia.account_id).told == 1
    assert app.mailer.sent[-1].subject == "1 unread message from Meera Krishnan"
    assert f"{app.site}/messages/{chat.id}" in app.mailer.sent[-1].text


async def test_messages_that_were_read_are_not_told_about(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    await say(app, chat, meera.id, "Hello.")
    await app.services.chats.read(chat.id, 1, by=lucia.account_id)

    before = len(app.mailer.sent)
    await app.pass_time(16 * MINUTE)

    assert (await current(app, chat)).member(lucia.account_id).told == 0
    assert len(app.mailer.sent) == before


async def test_what_stays_unread_is_told_about_again_after_four_hours(app: MemoryApp) -> None:
    meera, _, chat = await a_pair(app)
    await say(app, chat, meera.id, "Hello.")
    await app.pass_time(16 * MINUTE)
    await say(app, chat, meera.id, "Are you there?")

    await app.pass_time(3 * 60 * MINUTE)
    assert app.mailer.sent[-1].subject == "1 unread message from Meera Krishnan"
    await app.pass_time(61 * MINUTE)
    assert app.mailer.sent[-1].subject == "2 unread messages from Meera Krishnan"


async def test_the_history_can_be_searched(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    for text in ("The slow query", "An index", "Query plan, slow"):
        await say(app, chat, meera.id, text)
    search = app.services.messages.search

    found = await search(chat.id, " SLOW  query ", by=lucia.account_id, before=99, limit=9)

    assert [message.seq for message in found] == [3, 1]
    assert await search(chat.id, "  ", by=meera.id, before=99, limit=9) == ()


async def test_erasure_keeps_the_chat_for_the_other_party(app: MemoryApp) -> None:
    meera, lucia, chat = await a_pair(app)
    await say(app, chat, meera.id, "Hello from Meera.")
    await say(app, chat, lucia.account_id, "Hello from Lucía.")
    account = await app.store.repositories.accounts.get(meera.id)

    await app.services.personal_data.erase(account, CALLER)
    await app.pass_time(2 * 60 * MINUTE)

    left = await app.services.messages.after(chat.id, 0, by=lucia.account_id, limit=9)
    assert [message.body for message in left] == ["", "Hello from Lucía."]
    ((listed,), _) = await app.services.chats.page(by=lucia.account_id)
    assert listed.id == chat.id
