"""Chats and messages in a store: numbers without gaps, repeated sending, history and search."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.chats import Last, Member
from core.messages import Draft, Message
from core.policy import MINUTE
from onehour.testing.samples.chats import CLIENT, DEVELOPER, a_chat, a_draft
from onehour.testing.samples.sample import NOW
from onehour.testing.store_work import walk
from ports.store import Duplicate, Missing, Store

CHAT = "cht_1"


class ChatsContract:
    async def test_a_pair_has_one_chat(self, store: Store) -> None:
        await store.repositories.chats.add(a_chat())

        with pytest.raises(Duplicate):
            await store.repositories.chats.add(a_chat())

    async def test_chats_are_listed_by_their_latest_message(self, store: Store) -> None:
        chats = store.repositories.chats
        for number in (2, 3, 1):
            await chats.add(a_chat(number))
        await chats.add(a_chat(4, last_seq=0, last=None))
        renewed = a_chat(1, last=Last(DEVELOPER, "New.", NOW + 10 * MINUTE))
        await chats.save(renewed)

        listed = await walk(lambda cursor: chats.of_account(CLIENT, limit=2, cursor=cursor))

        assert listed == [a_chat(number).id for number in (1, 3, 2)]
        assert [chat.id for chat in (await chats.of_account(DEVELOPER))[0]] == [a_chat(1).id]
        assert await chats.of_account("acc_99") == ((), None)

    async def test_chats_with_unread_messages_are_counted(self, store: Store) -> None:
        chats = store.repositories.chats
        for number in (1, 2, 3):
            await chats.add(a_chat(number, client=Member(CLIENT, read=number)))

        assert await chats.unread_count(CLIENT, at_most=10) == 1
        assert await chats.unread_count(DEVELOPER, at_most=10) == 1
        read = (await chats.get(a_chat(1).id)).read_up_to(2, CLIENT)
        await chats.save(read)
        assert await chats.unread_count(CLIENT, at_most=10) == 0

    async def test_blocked_chats_are_told_from_others(self, store: Store) -> None:
        chats = store.repositories.chats
        for number, blocked_by in ((1, (DEVELOPER,)), (2, ()), (3, (CLIENT, DEVELOPER))):
            await chats.add(a_chat(number, blocked_by=blocked_by))
        open_, blocked, none = a_chat(2).id, a_chat(1).id, "cht_none"

        assert await chats.blocked([open_, blocked, none]) == {blocked}

        await chats.save((await chats.get(blocked)).unblock(DEVELOPER))
        assert await chats.blocked([open_, blocked, none]) == set()

    async def test_chats_are_saved_together(self, store: Store) -> None:
        chats = store.repositories.chats
        first, second = [await chats.add(a_chat(number)) for number in (1, 2)]

        read = [chat.read_up_to(2, CLIENT).block(CLIENT) for chat in (first, second)]
        assert await chats.save_all(read)

        assert [(await chats.get(each.id)).blocked_by for each in read] == [(CLIENT, DEVELOPER)] * 2
        assert (await chats.get(first.id)).version == 1

    async def test_a_chat_that_was_saved_meanwhile_is_not_replaced(self, store: Store) -> None:
        chats = store.repositories.chats
        first, second = [await chats.add(a_chat(number)) for number in (1, 2)]
        await chats.save(first.unblock(DEVELOPER))

        assert not await chats.save_all([first.block(CLIENT), second.block(CLIENT)])

        assert (await chats.get(first.id)).blocked_by == ()

    async def test_the_count_of_unread_chats_ends_at_its_limit(self, store: Store) -> None:
        for number in (1, 2, 3):
            await store.repositories.chats.add(a_chat(number, client=Member(CLIENT)))

        assert await store.repositories.chats.unread_count(CLIENT, at_most=2) == 2

    async def test_messages_are_numbered_within_their_chat(self, store: Store) -> None:
        messages = store.repositories.messages

        written = await messages.append(
            [a_draft(1), a_draft(1, chat="cht_2"), a_draft(2), a_draft(3)], newest={}
        )

        numbers = [(each.chat, each.seq, each.client_id) for each in written]
        assert numbers == [
            (CHAT, 1, "local-1"), ("cht_2", 1, "local-1"),
            (CHAT, 2, "local-2"), (CHAT, 3, "local-3"),
        ]  # fmt: skip
        assert await messages.last_seq(CHAT) == 3
        assert await messages.last_seq("cht_3") == 0

    async def test_a_message_sent_again_keeps_its_number(self, store: Store) -> None:
        messages = store.repositories.messages
        first = await messages.append([a_draft(1), a_draft(2)], newest={})

        again = await messages.append(
            [a_draft(2), a_draft(3), a_draft(1), a_draft(3)], newest={CHAT: 2}
        )

        assert [each.seq for each in again] == [2, 3, 1, 3]
        assert (again[2], again[0]) == first
        assert [each.seq for each in await messages.after(CHAT, 0, limit=9)] == [1, 2, 3]

    async def test_two_senders_may_use_the_same_client_id(self, store: Store) -> None:
        written = await store.repositories.messages.append(
            [a_draft(1), a_draft(1, sender=DEVELOPER)], newest={}
        )

        assert [each.seq for each in written] == [1, 2]

    @pytest.mark.parametrize("known", [0, 1, 2, 3])
    async def test_an_outdated_number_leaves_no_gap(self, store: Store, known: int) -> None:
        messages = store.repositories.messages
        await messages.append([a_draft(1), a_draft(2)], newest={CHAT: 0})

        written = await messages.append([a_draft(3), a_draft(4)], newest={CHAT: min(known, 2)})

        assert [each.seq for each in written] == [3, 4]

    async def test_many_writers_leave_no_gap_and_keep_each_sender_in_order(
        self, store: Store
    ) -> None:
        messages = store.repositories.messages

        async def write(sender: str, start: int) -> None:
            drafts = [a_draft(start + number, sender=sender) for number in range(3)]
            await messages.append(drafts, newest={CHAT: 0})

        senders = [f"acc_{number}" for number in range(6)]
        for round_ in range(3):
            await asyncio.gather(*(write(sender, 3 * round_) for sender in senders))

        stored = await messages.after(CHAT, 0, limit=100)
        assert [each.seq for each in stored] == list(range(1, 55))
        for sender in senders:
            sent = [each.client_id for each in stored if each.sender == sender]
            assert sent == [f"local-{number}" for number in range(9)]

    async def test_the_history_is_read_both_ways(self, store: Store) -> None:
        messages = store.repositories.messages
        await messages.append([a_draft(n) for n in range(1, 13)], newest={})
        await messages.append([a_draft(1, chat="cht_2")], newest={})

        assert [m.seq for m in await messages.after(CHAT, 9, limit=2)] == [10, 11]
        assert [m.seq for m in await messages.after(CHAT, 12, limit=2)] == []
        assert [m.seq for m in await messages.before(CHAT, 11, limit=3)] == [8, 9, 10]
        assert [m.seq for m in await messages.before(CHAT, 1, limit=3)] == []

    async def test_changes_are_found_by_their_numbers(self, store: Store) -> None:
        messages = store.repositories.messages
        one, two, three = await messages.append([a_draft(n) for n in (1, 2, 3)], newest={})
        await _change(store, (three, 1), (one, 2))

        assert await messages.changes(CHAT, [1, 2, 3]) == {1: 3, 2: 1}
        assert await messages.changes(CHAT, [2]) == {2: 1}
        assert await messages.changes("cht_2", [1]) == {}
        assert await messages.get(CHAT, 2) == two

    async def test_messages_are_found_by_their_numbers(self, store: Store) -> None:
        messages = store.repositories.messages
        one, _, three = await messages.append([a_draft(n) for n in (1, 2, 3)], newest={})
        await messages.append([a_draft(n, chat="cht_2") for n in (1, 2, 3, 4)], newest={})

        assert await messages.many(CHAT, (3, 1, 4)) == {1: one, 3: three}
        assert await messages.many(CHAT, ()) == {}

    async def test_messages_are_found_by_what_their_sender_called_them(self, store: Store) -> None:
        messages = store.repositories.messages
        first, _, _ = await messages.append(
            [a_draft(1), a_draft(2, sender=DEVELOPER), a_draft(1, chat="cht_2")], newest={}
        )

        found = await messages.sent_as(CHAT, CLIENT, ["local-1", "local-2", "local-3"])

        assert found == {"local-1": first}
        assert first.files == ("fil_1",)
        assert await messages.sent_as(CHAT, CLIENT, []) == {}

    async def test_an_unknown_message_is_missing(self, store: Store) -> None:
        (message,) = await store.repositories.messages.append([a_draft()], newest={})

        with pytest.raises(Missing):
            await store.repositories.messages.get(CHAT, 2)
        with pytest.raises(Missing):
            await store.repositories.messages.save(_moved(message, 2))

    async def test_messages_are_found_by_all_words_in_any_case(self, store: Store) -> None:
        messages = store.repositories.messages
        texts = ("A slow Query.", "The query\nis fast, a.b", "Nothing", "QUERY again (1)")
        drafts = [_saying(a_draft(n), text) for n, text in enumerate(texts, 1)]
        await messages.append(drafts, newest={})

        async def found(*words: str, before: int = 99, limit: int = 9) -> list[int]:
            hits = await messages.search(CHAT, words, before=before, limit=limit)
            return [message.seq for message in hits]

        assert await found("query") == [4, 2, 1]
        assert await found("fast", "Query") == [2]
        assert await found("query", before=4, limit=1) == [2]
        assert await found("a.b") == [2]
        assert await found("a?b") == []
        assert await found("(1)") == [4]

    async def test_messages_are_found_by_the_names_of_their_files(self, store: Store) -> None:
        messages = store.repositories.messages
        named = replace(_saying(a_draft(1), "The plan."), file_names=("Query plan.TXT", "b.png"))
        await messages.append([named, _saying(a_draft(2), "A query.")], newest={})

        async def found(*words: str) -> list[int]:
            hits = await messages.search(CHAT, words, before=99, limit=9)
            return [message.seq for message in hits]

        assert await found("query") == [2, 1]
        assert await found("THE", "plan.txt", "png") == [1]
        assert await found("query", "another") == []
        await messages.erase_sent_by(CHAT, CLIENT, now=NOW)
        assert await found("png") == []

    async def test_the_texts_of_one_sender_are_listed_and_erased(self, store: Store) -> None:
        messages = store.repositories.messages
        await messages.append([a_draft(1), a_draft(2, sender=DEVELOPER), a_draft(3)], newest={})

        sent = await messages.sent_by(CHAT, CLIENT, after=1, limit=9)
        await messages.erase_sent_by(CHAT, CLIENT, now=NOW)

        assert [message.seq for message in sent] == [3]
        left = await messages.after(CHAT, 0, limit=9)
        assert [(m.body, m.deleted_at) for m in left] == [
            ("", NOW), ("Text 2.", None), ("", NOW)
        ]  # fmt: skip


def _saying(draft: Draft, text: str) -> Draft:
    return replace(draft, body=text)


def _moved(message: Message, seq: int) -> Message:
    return replace(message, seq=seq)


async def _change(store: Store, *changes: tuple[Message, int]) -> None:
    for message, change in changes:
        changed = replace(message, body="New.", edited_at=NOW, change=change)
        await store.repositories.messages.save(changed)
