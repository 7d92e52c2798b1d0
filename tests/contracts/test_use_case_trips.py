"""How many database commands the use cases of the main job make: each is a round trip.

One more is a decision, not an accident: a use case that grows fails here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from core.chats import chat_id
from core.payments import PaymentId
from tests.app import MONDAY, PASSWORD, MemoryApp
from tests.contracts.commands import Commands, counted_app
from tests.web.site import Browser, app_of

START = MONDAY + timedelta(days=2)
MOST: Mapping[str, int] = {
    "log in": 8,
    "read the own account": 1,
    "book": 8,
    "settle": 5,
    "accept": 7,
    "deliver": 9,
    "approve": 11,
    "open a chat": 9,
    "send a message": 7,
}
"""The commands of each use case, with an idempotency key where it takes one. A message makes five,
and two for the summary of its chat, which may be written meanwhile."""
OF_WORKER_MOST: Mapping[str, int] = {
    "log in": 7,
    "book": 9,
    "settle": 37,
    "accept": 32,
    "deliver": 27,
    "approve": 36,
    "send a message": 3,
}
"""What a worker does after it, as one relay that finds everything due."""


@dataclass
class Trips:
    """Does things by the API and notes the commands of each."""

    app: MemoryApp
    commands: Commands
    made: dict[str, list[str]] = field(default_factory=dict)
    by_worker: dict[str, list[str]] = field(default_factory=dict)

    async def ask(
        self, name: str, browser: Browser, path: str, body: Mapping[str, object] | None = None
    ) -> Any:
        method, more = ("GET", {}) if body is None else ("POST", {"json": body})
        headers = {"X-CSRF-Token": browser.token, "Idempotency-Key": name}
        self.commands.clear()
        answer = await browser.ask(method, f"/api/v1{path}", headers=headers, **more)
        self.made[name] = list(self.commands.sent)
        assert answer.status_code < 300, await answer.get_data(as_text=True)
        await self.work(name)
        return await answer.get_json()

    async def work(self, name: str) -> None:
        """What is due, as a worker does it."""
        self.commands.clear()
        await self.app.run()
        self.by_worker[name] = list(self.commands.sent)


@pytest.fixture
async def trips(mongo_url: str) -> AsyncIterator[Trips]:
    async with counted_app(mongo_url) as (app, commands):
        yield Trips(app, commands)


async def test_the_main_job_makes_no_more_round_trips_than_it_needs(trips: Trips) -> None:
    app = trips.app
    client, _ = await app.client()
    developer = await app.developer()
    account = await app.store.repositories.accounts.get(developer.account_id)  # type: ignore[arg-type]
    await app.run()
    quart_app = app_of(app)
    own, other = Browser(quart_app), Browser(quart_app)
    for browser in (own, other):
        await browser.look("/login")

    await trips.ask("log in", own, "/auth/login", {"email": client.email, "password": PASSWORD})
    await trips.ask("read the own account", own, "/me")
    brief = {"developer_id": developer.id, "start": START.isoformat(), "hours": 1, "brief": "Slow."}
    booking = await trips.ask("book", own, "/bookings", brief)
    await app.pay(await app.booking(booking["id"]))
    trips.commands.clear()
    await app.services.payments.settle(PaymentId(booking["payment"]["id"]))
    trips.made["settle"] = list(trips.commands.sent)
    await trips.work("settle")
    await other.log_in(account)
    await app.run()
    form = {"code": app.code_for(account.email), "csrf_token": other.token}
    await other.ask("POST", "/login/code", form=form)
    await trips.ask("accept", other, f"/bookings/{booking['id']}/accept", {})
    job = (await app.booking(booking["id"])).job_id
    await trips.ask("deliver", other, f"/jobs/{job}/deliveries", {"note": "Done."})
    await trips.ask("approve", own, f"/jobs/{job}/approve", {})
    await trips.ask("open a chat", own, "/chats", {"with": developer.id})
    chat = chat_id(client.id, developer.id)
    message = {"client_id": "m-1", "body": "When do we meet?"}
    await trips.ask("send a message", own, f"/chats/{chat}/messages", message)

    grown = [*_grown(trips.made, MOST), *_grown(trips.by_worker, OF_WORKER_MOST)]
    assert not grown, "\n".join(grown)


def _grown(made: Mapping[str, Sequence[str]], most: Mapping[str, int]) -> Iterator[str]:
    for name, sent in made.items():
        enough = most.get(name, 1)
        if len(sent) > enough:
            counted = ", ".join(f"{times} {what}" for what, times in Counter(sent).items())
            yield f'"{name}" makes {len(sent)} round trips, {enough} were enough: {counted}.'
