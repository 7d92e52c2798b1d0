"""Messages of chats reach both parties once and in order, whatever breaks on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest

from services.chats.writing import SUMMARISE_AFTER
from tests.api_client import until
from tests.patience import PATIENCE_S
from tests.process.chat_checks import Fault, History, Seen, faults
from tests.process.chat_members import ChatMember
from tests.process.chat_pairs import add_pairs
from tests.process.chat_site import (
    SEED,
    ChatSite,
    all_sent,
    chat_site,
    kill_while_they_write,
    look,
    members_of,
    settled,
    summary,
    taking_part,
)
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

LIFETIMES = (1, 80)
"""Packets of a connection before it is broken."""
CHECKED_WITHIN_S = 2 * SUMMARISE_AFTER.total_seconds() + PATIENCE_S
"""After a message: its check is due at the end of the next period, and a worker polls."""


@pytest.fixture(scope="module")
async def site(
    running: RunningApp, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ChatSite]:
    """The first thing that happens is a kill, whose effects the last test looks at: a worker mends
    them within a minute."""
    async with chat_site(running, tmp_path_factory.mktemp("chats")) as site:
        yield site


@pytest.mark.parametrize(
    ("messages", "kills", "with_last_one"),
    [(5_000, 3, True), pytest.param(100_000, 12, False, marks=pytest.mark.long)],
)
async def test_every_message_is_delivered_once_and_in_order(
    site: ChatSite, messages: int, kills: int, with_last_one: bool
) -> None:
    """Whoever has missed the last event of a chat learns of it by the next message, or by the
    check of the chat's summary."""
    pairs = await add_pairs(site.running, f"delivery{messages}", 100)
    members = members_of(pairs, site.web.address, lifetimes=LIFETIMES)
    each, began = messages // len(members), time.monotonic()
    site.bus.share = 0.05

    async with taking_part(members):
        for member in members:
            member.write(f"Message {number}." for number in range(each - with_last_one))
        await kill_while_they_write(site.web, members, kills)
        await all_sent(members, timeout_s=PATIENCE_S + messages / 50)
        site.bus.share = 0
        for member in members:
            member.calm_down()
            member.write(["The last one."] * with_last_one)
        await all_sent(members, timeout_s=PATIENCE_S)
        histories = await settled(site, pairs, members, within_s=CHECKED_WITHIN_S)

    print(f"\n{messages} messages in {time.monotonic() - began:.0f} s, {summary(site, members)}")
    assert [fault for history in histories for fault in faults(history)] == []
    assert sum(len(history.stored) for history in histories) == messages
    assert site.bus.messages_lost > messages / 50
    assert sum(member.counts["broken connections"] for member in members) > messages / 100


@pytest.mark.parametrize(("fills_gaps", "missed"), [(True, 0), (False, 4)])
async def test_without_the_rule_of_the_numbers_a_reader_misses_lost_events(
    site: ChatSite, fills_gaps: bool, missed: int
) -> None:
    (pair,) = await add_pairs(site.running, f"rule{fills_gaps}", 1)
    sender = ChatMember(pair.client, pair.chat, site.web.address, Random(SEED))
    reader = ChatMember(
        pair.developer, pair.chat, site.running.base_url, Random(SEED), fills_gaps=fills_gaps
    )  # in another process than the sender

    async with taking_part([sender, reader]):
        await look(lambda: bool(reader.counts["joined"]), what="joined")
        sender.write(["One.", "Two.", "Three."])
        await look(lambda: reader.last == 3, what="three messages")
        before, site.bus.share = site.bus.messages_lost, 1
        sender.write(["Four.", "Five.", "Six.", "Seven."])
        await look(lambda: site.bus.messages_lost == before + 4, what="four lost events")
        site.bus.share = 0
        sender.write(["Eight."])
        await look(lambda: reader.last == 8, what="the last message")
        (history,) = await settled(site, [pair], [sender, reader])

    found = faults(history)
    assert Counter((fault.what, fault.whose) for fault in found) == Counter(
        {("lost", f"messages for {pair.developer.account}"): missed} if missed else {}
    )


async def test_a_process_that_is_killed_after_an_acknowledgement_leaves_right_counts(
    site: ChatSite,
) -> None:
    left = site.left_behind
    chat = f"/chats/{left.pair.chat}"
    client, developer = left.pair.people

    async def counted() -> Any:
        found: Any = await developer.get(site.running.base_url, chat)
        return found if found["last_seq"] == left.messages else None

    found = await until(counted, what="the summary", timeout_s=CHECKED_WITHIN_S, every_s=0.5)

    assert found["unread"] == left.messages
    assert found["last"]["text"] == f"Message {left.messages}."
    listed: Any = await developer.get(site.running.base_url, "/chats")
    assert [(each["id"], each["unread"]) for each in listed["items"]] == [
        (left.pair.chat, left.messages)
    ]
    own: Any = await client.get(site.running.base_url, chat)
    assert own["unread"] == 0
    await look(lambda: left.messages in left.told, what=f"the event in {left.told}")
    assert max(left.told) == left.messages


def test_the_checks_tell_losses_repetitions_and_another_order() -> None:
    one, two, three = (Seen(seq, "a", f"a-{seq}", "Text.") for seq in (1, 2, 3))
    other = Seen(4, "b", "b-1", "Text.")

    def found(*stored: Seen, read: tuple[Seen, ...] = (), sent: int = 3) -> list[Fault]:
        names = [f"a-{number}" for number in range(1, sent + 1)]
        return faults(History("c", stored, {"a": names}, {"a-1": 1}, {"b": read or stored}))

    assert found(one, two, three) == []
    assert found(one, two, three, sent=4) == [Fault("lost", "messages of a", "a-4")]
    assert found(one, two, three, read=(one, three)) == [Fault("lost", "messages for b", two)]
    assert found(one, two, three, read=(one, two, two, three)) == [
        Fault("doubled", "messages for b", two)
    ]
    assert found(one, two, three, read=(two, one, three)) == [
        Fault("out of order", "messages for b", two),
        Fault("out of order", "messages for b", one),
    ]
    assert found(one, two, three, read=(one, two, three, other)) == [
        Fault("foreign", "messages for b", other)
    ]
    assert found(two, three) == [
        Fault("lost", "numbers of c", 1),
        Fault("foreign", "numbers of c", 3),
        Fault("lost", "messages of a", "a-1"),
        Fault("lost", "acknowledged", "a-1"),
    ]
