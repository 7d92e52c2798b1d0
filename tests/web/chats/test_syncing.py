"""What was missed is loaded in parts that a connection can carry, whatever people have written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from core.chats import ChatId
from core.messages import Draft, Message
from tests.core.test_chats import a_message
from tests.web.chats.samples import prepare
from tests.web.every_role import Person, SiteWithEveryRole, build_site_with_every_role
from tests.web.sockets import open_socket, sockets_of
from web.chats.events import SYNCED_AT_MOST
from web.chats.syncing import READ_FIRST, read_part
from web.shared.sockets import Sockets

LONG = "न" * 8_000
"""Each of its characters needs six in JSON."""
COUNT = 2 * SYNCED_AT_MOST + 50
SHORT = "Hello."


@pytest.fixture
async def site() -> AsyncIterator[SiteWithEveryRole]:
    site = await build_site_with_every_role()
    await prepare(site)
    yield site


@pytest.fixture
async def sockets(site: SiteWithEveryRole) -> AsyncIterator[Sockets]:
    async with sockets_of(site) as sockets:
        yield sockets


async def written(site: SiteWithEveryRole, person: Person, count: int, body: str) -> int:
    """Messages of the person in its chat; returns the number of the newest."""
    chat, repositories = person.own["chat_id"], site.app.store.repositories
    assert person.account
    drafts = [
        Draft(chat, f"m-{number}", person.account.id, body, site.app.clock.now())
        for number in range(count)
    ]
    return (await repositories.messages.append(drafts, newest={}))[-1].seq


@pytest.mark.parametrize(("count", "body"), [(COUNT, SHORT), (130, LONG)])
async def test_everything_that_was_missed_arrives(
    site: SiteWithEveryRole, sockets: Sockets, count: int, body: str
) -> None:
    client = site.people["client"]
    newest = await written(site, client, count, body)
    found, last_seq = list[int](), 1

    async with open_socket(sockets, client) as opened:
        while last_seq > len(found):
            missed = {"chat": client.own["chat_id"], "after": len(found)}
            answer = await opened.send("chat:sync", missed)
            found += [message["seq"] for message in answer["messages"]]
            last_seq = answer["last_seq"]

    assert found == list(range(1, newest + 1))


@pytest.mark.parametrize("body", [SHORT, LONG])
async def test_everything_that_was_changed_arrives(
    site: SiteWithEveryRole, sockets: Sockets, body: str
) -> None:
    client, count = site.people["client"], SYNCED_AT_MOST + 10
    assert client.account
    await written(site, client, count, SHORT)
    own = await site.app.store.repositories.messages.sent_by(
        client.own["chat_id"], client.account.id, after=0, limit=count
    )
    for message in own:
        await site.app.services.messages.edit(
            ChatId(message.chat), message.seq, by=client.account.id, body=body
        )

    assert await changed_over_the_socket(sockets, client) == {m.seq for m in own}
    assert await changed_over_the_api(client) == {m.seq for m in own}


@pytest.mark.parametrize(
    ("body", "read", "fit", "is_end"),
    [("x", 100, 100, False), ("x" * 10, READ_FIRST, 10, False), ("x" * 200, READ_FIRST, 1, False)],
)
async def test_messages_that_are_long_are_not_read_to_be_left_out(
    body: str, read: int, fit: int, is_end: bool
) -> None:
    stored = [a_message(seq=number + 1, body=body) for number in range(150)]

    async def after(seq: int, limit: int) -> Sequence[Message]:
        return stored[seq : seq + limit]

    part = await read_part(after, 0, number=lambda each: each.seq, limit=100, characters=100)

    assert (part.read, part.messages) == (stored[:read], stored[:fit])
    assert (part.is_end, part.has_all) == (is_end, is_end)


@pytest.mark.parametrize("count", [0, 1, READ_FIRST - 1, READ_FIRST, READ_FIRST + 1, 99])
async def test_a_part_that_ends_before_the_limit_has_all(count: int) -> None:
    stored = [a_message(seq=number + 1, body="x") for number in range(count)]

    async def after(seq: int, limit: int) -> Sequence[Message]:
        return stored[seq : seq + limit]

    part = await read_part(after, 0, number=lambda each: each.seq, limit=100, characters=100)

    assert (list(part.messages), part.has_all) == (stored, True)


async def changed_over_the_socket(sockets: Sockets, client: Person) -> set[int]:
    found, changes = set[int](), 0
    async with open_socket(sockets, client) as opened:
        while True:
            since = {"chat": client.own["chat_id"], "after": 999, "changes": changes}
            answer = await opened.send("chat:sync", since)
            if not answer["changed"]:
                return found
            found |= {message["seq"] for message in answer["changed"]}
            changes = answer["changes"]


async def changed_over_the_api(client: Person) -> set[int]:
    found, changes = set[int](), 0
    path = f"/api/v1/chats/{client.own['chat_id']}/messages"
    while True:
        answer: Any = await (
            await client.browser.ask("GET", f"{path}?changes={changes}")
        ).get_json()
        if not answer["changed"]:
            return found
        found |= {message["seq"] for message in answer["changed"]}
        changes = answer["changes"]


async def test_who_leaves_is_gone_also_if_the_connection_ended_before(
    site: SiteWithEveryRole, sockets: Sockets
) -> None:
    client = site.people["client"]
    assert client.account
    chat = client.own["chat_id"]

    async with open_socket(sockets, client) as opened:
        await opened.send("chat:open", {"chat": chat})
        sockets.server.manager.basic_leave_room(opened.sid, "/", f"chat:{chat}")
        await opened.send("chat:close", {"chat": chat})

    told = [each.data for each in site.app.live.published if each.event == "presence"]
    assert told == [{"account": client.account.id, "chat": chat, "online": False}]
