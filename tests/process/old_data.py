"""A data directory written by version 0.1.0, kept as a fixture, and the present code on it."""

from __future__ import annotations

import json
import sqlite3
import tarfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from dependency_injector import providers

from adapters.cashfree.offer import SIMULATOR_PATH, simulator_settings
from adapters.cashfree.settings import CashfreeOptions
from adapters.cashfree.simulator import Simulator
from adapters.memory.clock import FixedClock
from adapters.memory.identity import MemoryIdentityProvider
from adapters.memory.live import MemoryLive
from adapters.memory.mail import MemoryMailer
from adapters.mongo.connection import close_client
from adapters.mongo.settings import MongoOptions
from core.sessions import Caller
from onehour.container import build
from onehour.local.children import start_process, stop_process
from onehour.local.mongo import mongo_child, mongo_url
from onehour.settings import Settings
from onehour.testing.scheduling import RecordedWakeUps
from services.developers import SearchCriteria
from tests.process.test_local_servers import becomes_ready
from tests.servers import free_port

Document = dict[str, Any]

ARCHIVE = Path(__file__).with_name("data-0.1.0.tar.xz")
FACTS: Document = json.loads(Path(__file__).with_name("data-0.1.0.json").read_text())
"""What tests must know about the data and cannot read from it: the moment, the password, tokens,
ids of users. `ready` counts the outbox messages that wait, by kind."""
MOMENT = datetime.fromisoformat(FACTS["moment"])
POLL = "payments.poll"
RECURRING = ("developers.refresh",)
"""Each run of these adds the next message."""
STEPS_MAXIMUM = 150
"""About three times as many as are needed."""
CALLER = Caller("a browser of today", "203.0.113.8", "Firefox on Linux")


class Site:
    """The present code on the old data, with a clock that is set by hand. All internal names that
    these tests need are in this class."""

    def __init__(self, folder: Path, port: int) -> None:
        self.settings = Settings.load(
            {
                "ONEHOUR_DATA_DIR": str(folder),
                "ONEHOUR_MONGO_URL": mongo_url(port),
                "ONEHOUR_REDIS_URL": "redis://127.0.0.1:1/0",
                "ONEHOUR_BCRYPT_ROUNDS": "4",
            },
            None,
        )
        self.clock, self.mailer = FixedClock(MOMENT), MemoryMailer()
        self.identity_provider = MemoryIdentityProvider("openid", "OpenID")
        self._webhooks = httpx.AsyncClient(transport=httpx.MockTransport(self._receive))
        options, deployment = self.settings.section(CashfreeOptions), self.settings.deployment
        self._simulator_settings = simulator_settings(options, deployment)
        self._simulator = Simulator(self._simulator_settings, self._webhooks)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(
                self._simulator.app,  # type: ignore[arg-type]
                root_path=SIMULATOR_PATH,
            )
        )
        container = self.container = build(self.settings)
        container.clock.override(providers.Object(self.clock))
        container.notifier.override(providers.Object(RecordedWakeUps()))
        container.live.override(providers.Object(MemoryLive()))
        container.mailer.override(providers.Object(self.mailer))
        container.http.override(providers.Object(self.http))
        container.identities.override(providers.Object({"openid": self.identity_provider}))
        self.services = container.services()
        self.database = container.mongo()[self.settings.section(MongoOptions).database]

    async def start(self) -> None:
        await self.container.store().prepare()
        await self.at(MOMENT)

    async def stop(self) -> None:
        await self._simulator.stop()
        await self._webhooks.aclose()
        await self.http.aclose()
        await close_client(self.container.mongo())

    async def at(self, moment: datetime) -> None:
        """Set the clocks of the application and of the provider; the provider does what is due."""
        self.clock.set(moment)
        ahead = round(moment.timestamp() * 1000) - time.time_ns() // 1_000_000
        with closing(sqlite3.connect(self._simulator_settings.database)) as sql, sql:
            sql.execute("UPDATE clock SET advance = ?", (ahead,))
        await self.provider("POST", "clock", advance_s=0)

    async def _receive(self, webhook: httpx.Request) -> httpx.Response:
        await self.services.payments.receive_webhook(
            "cashfree", dict(webhook.headers), webhook.content
        )
        return httpx.Response(200)

    async def provider(self, method: str, what: str, **body: object) -> Document:
        address = f"{self._simulator_settings.public_url}/control/{what}"
        answer = await self.http.request(method, address, json=body)
        found: Document = answer.raise_for_status().json()
        return found

    async def run_due(self) -> None:
        while await self.services.outbox.run_due(limit=100):
            pass

    async def flaws(self) -> tuple[object, ...]:
        """Where the audit trail does not verify."""
        return (await self.services.audit.verify_all()).flaws

    async def log_in(self, email: str) -> str | None:
        """With the password; returns the second factor that is required then."""
        signed_in = await self.services.sessions.log_in(
            email=email, password=FACTS["password"], caller=CALLER
        )
        return signed_in.pending_factor

    async def finish_log_in(self, cookie: str, code: str) -> str:
        """With the second factor; returns the address of the user who is signed in."""
        found = await self.services.sessions.authenticate(cookie.removeprefix("s."))
        assert found
        signed_in = await self.services.sessions.verify(found[1], code=code, caller=CALLER)
        return signed_in.account.email

    async def sign_in_with_provider(self, name: str) -> str:
        """With the linked identity; returns the address of the user who is signed in."""
        address = await self.services.identities.start("openid", caller=CALLER)
        answer = self.identity_provider.consent(address, self.identity_provider.person(name))
        arrived = await self.services.identities.finish(
            "openid", answer, timezone="Asia/Kolkata", caller=CALLER
        )
        assert arrived.signed_in
        return arrived.signed_in.account.email

    async def search(self, criteria: SearchCriteria) -> list[str]:
        """The ids of the developers on the first page."""
        return [each.id for each in (await self.services.developers.search(criteria)).items]

    async def rows(self, collection: str, **wanted: object) -> list[Document]:
        return await self.database[collection].find(wanted).to_list(None)

    async def run_to_the_end(self) -> None:
        """From one deadline to the next, and after the last from poll to poll, until only
        recurring messages wait."""
        await self.run_due()
        for _ in range(STEPS_MAXIMUM):
            due = await self._next_due(POLL, *RECURRING) or await self._next_due(*RECURRING)
            if due is None:
                return
            await self.at(max(due, self.clock.now()))
            await self.run_due()
        waiting = await self.rows("effects", state="ready")
        first = min(waiting, key=lambda row: row["next_at"])
        raise AssertionError(f"not done after {STEPS_MAXIMUM} steps: {first}")

    async def _next_due(self, *without: str) -> datetime | None:
        waiting = await self.rows("effects", state="ready")
        wanted = FACTS["ready"].keys() - {*without}
        return min((row["next_at"] for row in waiting if row["kind"] in wanted), default=None)


def unpacked(folder: Path) -> Path:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return folder / "data"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Site]:
    data, port = unpacked(folder), free_port()
    server = mongo_child(data, port)
    process = await start_process(server, folder / "mongo.log")
    try:
        await becomes_ready(server)
        site = Site(data, port)
        await site.start()
        yield site
        await site.stop()
    finally:
        await stop_process(process)
