"""Pairs of people with a chat and a session each, stored directly, which takes no hashing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import httpx

from core.accounts import Account, AccountId, Role
from core.chats import Chat
from core.clients import Client, ClientId
from core.developers import DeveloperId
from core.sessions import Session
from onehour.container import build, close
from onehour.settings import Settings
from ports.store import Repositories
from services.accounts.session_writer import session_id
from tests.api_client import API
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp

BATCH = 25
"""Pairs of one transaction."""


@dataclass(frozen=True)
class Person:
    account: str
    cookie: str

    async def get(self, address: str, path: str, **params: int) -> Mapping[str, object]:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as http:
            headers = {"Cookie": self.cookie}
            answer = await http.get(f"{API}{path}", params=params, headers=headers)
        assert answer.status_code == 200, answer.text
        found: Mapping[str, object] = answer.json()
        return found


@dataclass(frozen=True)
class Pair:
    chat: str
    client: Person
    developer: Person

    @property
    def people(self) -> tuple[Person, Person]:
        return self.client, self.developer


async def add_pairs(running: RunningApp, name: str, count: int) -> list[Pair]:
    """`count` pairs, in the database of the running application; `name` tells them apart from
    those of other tests."""
    child = running.child("web")
    assert child is not None
    container = build(Settings.load(child.environ(), None))
    store, now, ids = container.store(), container.clock().now(), container.ids()
    cookie_name = "onehour"

    async def person(repositories: Repositories, role: Role, number: int) -> Person:
        key = f"{name}{role[0]}{number:05d}"
        account = Account(
            AccountId(f"acc_{key}"), f"{key}@example.com", f"Person {key}", frozenset({role}),
            None, "Asia/Kolkata", now, now,
        )  # fmt: skip
        await repositories.accounts.add(account)
        if role is Role.CLIENT:
            await repositories.clients.add(Client(ClientId(f"cli_{key}"), account.id, account.name))
        token = ids.secret()
        await repositories.sessions.add(
            Session(session_id(token), account.id, csrf_seed=key, created_at=now, seen_at=now)
        )
        return Person(account.id, f"{cookie_name}=s.{token}")

    async def pair(repositories: Repositories, number: int) -> Pair:
        client = await person(repositories, Role.CLIENT, number)
        developer = await person(repositories, Role.DEVELOPER, number)
        profile = DeveloperId(f"dev_{name}{number:05d}")
        chat = Chat.of(client.account, profile, developer.account, now=now)
        await repositories.chats.add(chat)
        return Pair(chat.id, client, developer)

    async def batch(numbers: Sequence[int], repositories: Repositories) -> list[Pair]:
        return [await pair(repositories, number) for number in numbers]

    pairs = list[Pair]()
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        pairs += await store.transact(partial(batch, numbers))
    await close(container)
    return pairs
