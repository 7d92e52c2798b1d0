"""Many accounts that can log in, and the requests that log them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import orjson

from adapters.mongo.store import MongoStore
from adapters.system.clock import SystemClock
from adapters.system.passwords import BcryptPasswords
from bench.load import Request
from bench.system import SystemUnderTest
from core.accounts import Account, AccountId, Role
from core.clients import Client, ClientId
from ports.store import Repositories

API = "/api/v1"
PASSWORD = "measured-in-milliseconds"
WRONG = "guessed-in-milliseconds"
BATCH = 100


@dataclass(frozen=True, slots=True)
class Form:
    """The headers that a browser sends with unsafe requests after it has loaded the site."""

    headers: dict[str, str]

    @classmethod
    async def load(cls, base_url: str) -> Form:
        async with httpx.AsyncClient(base_url=base_url) as client:
            token = (await client.get(f"{API}/csrf")).json()["token"]
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            return cls({"Cookie": cookies, "X-CSRF-Token": token})

    def post(self, path: str, body: object, *, caller: int = 0) -> Request:
        """Each `caller` has its own network address, in the header of a trusted proxy."""
        address = f"10.{caller >> 16 & 255}.{caller >> 8 & 255}.{caller & 255}"
        headers = {**self.headers, "X-Forwarded-For": address}
        return Request("POST", API + path, headers, orjson.dumps(body))


async def add_accounts(
    store: MongoStore,
    system: SystemUnderTest,
    name: str,
    count: int,
    *,
    rounds: int,
    factor: bool = False,
) -> list[str]:
    """Adds `count` clients, or developers with a second factor, and returns their addresses.

    All have the same password, which is hashed once, at a cost of `rounds`.
    """
    passwords = BcryptPasswords(pepper=system.environ["ONEHOUR_SECRET_KEY"], rounds=rounds)
    hashed = await passwords.hash(PASSWORD)
    role = Role.DEVELOPER if factor else Role.CLIENT
    now = SystemClock().now()
    accounts = [
        Account(
            AccountId(f"acc_{name}{number:05d}"), f"{name}{number}@bench.example.com",
            f"Somebody {number}", frozenset({role}), hashed, "Asia/Kolkata", now, now,
            two_factor=factor,
        )
        for number in range(count)
    ]  # fmt: skip
    for first in range(0, count, BATCH):
        await _add(store, accounts[first : first + BATCH])
    return [account.email for account in accounts]


async def _add(store: MongoStore, accounts: Sequence[Account]) -> None:
    async def step(repositories: Repositories) -> None:
        for account in accounts:
            await repositories.accounts.add(account)
            if Role.CLIENT in account.roles:
                id_suffix = account.id.partition("_")[2]
                await repositories.clients.add(
                    Client(ClientId(f"cli_{id_suffix}"), account.id, account.name)
                )

    await store.transact(step)
