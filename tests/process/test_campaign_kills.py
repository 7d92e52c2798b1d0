"""kill -9 of workers and of Redis while a campaign is sent to ten thousand people: each has exactly
one row, a kill repeats at most the mail that was under way, and nobody who withdrew gets one."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.accounts import Account, AccountId, Role
from core.errors import Unavailable
from onehour.local.mongo import mongo_url
from onehour.testing.scheduling import RecordedWakeUps
from plugins.campaigns.consents import CONSENTS, Topic, Way, no_consent
from plugins.campaigns.model import CAMPAIGNS, RECIPIENTS, Progress, Recipient
from plugins.campaigns.numbers import NUMBERS
from plugins.campaigns.sending import ROW_LEASE
from ports.store import Repositories
from tests.api_client import ApiClient, until
from tests.process.running import RunningApp
from tests.servers import free_port

pytestmark = [pytest.mark.process, pytest.mark.long]

PEOPLE = 10_000
KILLED = ("worker", "redis", "worker", "worker", "redis", "worker")
WITHDRAWALS = PEOPLE // 20
LONGEST_S = 900
"""For a seventh of the mails, on a machine with other work."""
KINDS = (CAMPAIGNS, RECIPIENTS, CONSENTS, NUMBERS)
WORDS = {"subject": "Hello {{ name }}", "text": "Dear {{ name }},\n\nthere is news."}


CODES: list[str] = []
"""Those mailed to the administrator, newest first."""


class Administrator(ApiClient):
    async def mailed_codes(self, email: str) -> list[str]:
        return list(CODES)


@dataclass
class CountingServer:
    """A mail server that takes every mail. `taken` has the times by address of a recipient, `ids`
    the address and Message-ID of each mail."""

    taken: dict[str, list[datetime]] = field(default_factory=dict)
    ids: set[tuple[str, str]] = field(default_factory=set)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        mail = message_from_bytes(content if isinstance(content, bytes) else b"", policy=default)
        for address in envelope.rcpt_tos:
            if address.startswith("person"):
                self.taken.setdefault(address, []).append(datetime.now(UTC))
                self.ids.add((address, str(mail["Message-ID"])))
            elif str(mail["Subject"]).startswith("Your code is"):
                CODES.insert(0, "".join(filter(str.isdigit, str(mail["Subject"]))))
        return "250 OK"

    @property
    def mails(self) -> int:
        return sum(map(len, self.taken.values()))


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[CountingServer, int]]:
    counting, port = CountingServer(), free_port()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(counting), "127.0.0.1", port)
    try:
        yield counting, port
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def stored(app: RunningApp) -> AsyncIterator[MongoStore]:
    """The database of the running application."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_url(app.ports["mongo"]))
    clock = FixedClock(datetime.now(UTC))
    try:
        yield MongoStore(client, "onehour", clock, RecordedWakeUps(), documents=KINDS)
    finally:
        client.close()


def settings(port: int) -> dict[str, str]:
    """No night while the test runs."""
    night = [datetime.now(UTC) + timedelta(hours=hours) for hours in (11, 12)]
    return {
        "ONEHOUR_PLUGINS": "campaigns",
        "ONEHOUR_PLUGIN_CAMPAIGNS_FASTEST": "100000",
        "ONEHOUR_PLUGIN_CAMPAIGNS_QUIET_FROM": f"{night[0]:%H:%M}",
        "ONEHOUR_PLUGIN_CAMPAIGNS_QUIET_UNTIL": f"{night[1]:%H:%M}",
        "ONEHOUR_SMTP_URL": f"smtp://127.0.0.1:{port}",
    }


async def add_people(store: MongoStore) -> None:
    now = datetime.now(UTC).replace(microsecond=0)

    async def add(number: int) -> None:
        name = f"acc_{number:06d}"
        email = f"person{number}@example.com"
        await store.repositories.accounts.add(
            Account(
                AccountId(name), email, f"Person {number}", frozenset({Role.CLIENT}), None, "UTC",
                now, email_verified_at=now,
            )
        )  # fmt: skip
        nothing = no_consent(name, language="en-IN", at=now)
        given = nothing.choose([Topic.NEWS], clicks=False, at=now, way=Way.PAGE)
        await store.repositories.documents(CONSENTS).add(given)

    for first in range(0, PEOPLE, 50):
        await asyncio.gather(*(add(n) for n in range(first, min(first + 50, PEOPLE))))


async def schedule(admin: ApiClient) -> str:
    made = await admin.send("POST", "/admin/campaigns", {"name": "News"}, expect=201)
    path = f"/admin/campaigns/{made['id']}"
    changed = await admin.raw("PATCH", path, {"words": WORDS})
    assert changed.status_code == 200, changed.text
    await admin.raw("POST", f"{path}/schedule", {"rate": 100_000})
    return str(made["id"])


async def withdraw(store: MongoStore, account: str) -> datetime:
    """When the withdrawal was stored."""

    async def step(repositories: Repositories) -> None:
        consents = repositories.documents(CONSENTS)
        consent = await consents.get(account)
        now = datetime.now(UTC).replace(microsecond=0)
        await consents.save(consent.choose((), clicks=False, at=now, way=Way.PAGE))

    while True:
        with suppress(Unavailable):
            await store.transact(step)
            return datetime.now(UTC)
        await asyncio.sleep(1)


async def test_ten_thousand_recipients_while_workers_and_redis_are_killed(tmp_path: Path) -> None:
    rng = random.Random(15)
    async with mail_server() as (server, port), RunningApp(tmp_path, **settings(port)) as app:
        async with stored(app) as store:
            await add_people(store)
            campaign = await schedule(await app.admin(Administrator))
            began, withdrawn = time.monotonic(), dict[str, datetime]()
            for number, name in enumerate(KILLED, start=1):
                wanted = PEOPLE * number // (len(KILLED) + 1)

                async def reached(wanted: int = wanted) -> bool:
                    return server.mails >= wanted

                await until(reached, what=f"{wanted} mails", timeout_s=LONGEST_S, every_s=0.01)
                killed = name, app.kill(name)
                for each in rng.sample(range(PEOPLE), WITHDRAWALS // len(KILLED)):
                    account = f"acc_{each:06d}"
                    if account not in withdrawn:
                        withdrawn[account] = await withdraw(store, account)
                await app.has_successor(*killed)

            async def done() -> bool:
                with suppress(Unavailable):  # the embedded database may be busy
                    found = await store.repositories.documents(CAMPAIGNS).get(campaign)
                    return found.state == "done"
                return False

            await until(done, what="the end", timeout_s=LONGEST_S, every_s=0.5)
            print(f"\n{server.mails} mails in {time.monotonic() - began:.0f} s with kills")
            print(f"{app.log('worker').count('campaigns.go_on failed (attempt')} attempts failed")
            await check(store, server, campaign, withdrawn)
        await app.audit()


async def check(
    store: MongoStore, server: CountingServer, campaign: str, withdrawn: dict[str, datetime]
) -> None:
    """One mail is under way at a time, so a kill of the worker repeats at most that one. Nothing
    else repeats any: neither a kill of Redis, nor an attempt that failed because the machine was
    busy (decision 0049) or the database did not answer."""
    kills = KILLED.count("worker")
    documents = store.repositories.documents(RECIPIENTS)
    rows = {row.account: row async for row in documents.each(campaign=campaign)}
    progress = Counter(row.progress for row in rows.values())
    kept = [each async for each in store.repositories.documents(NUMBERS).each(campaign=campaign)]
    print(f"rows {dict(progress)}, repeated {server.mails - len(server.taken)}")

    assert len(rows) == PEOPLE and {progress_of(row) for row in rows.values()} == {"done"}
    assert server.mails - len(server.taken) <= kills
    assert len(server.ids) == len(server.taken), "a repeat has the same Message-ID"
    for account, row in rows.items():
        mails = server.taken.get(f"person{int(account[4:])}@example.com", [])
        if row.progress is Progress.SENT:
            assert mails, account
        for at in mails if account in withdrawn else ():
            assert at < withdrawn[account] or was_under_way(row, withdrawn[account]), account
    lost = {name for name, row in rows.items() if row.progress is Progress.WITHDREW}
    lost = {name for name in lost if f"person{int(name[4:])}@example.com" in server.taken}
    assert len(lost) <= kills, "withdrew after a mail whose record was lost with the worker"
    assert sum(each.sent for each in kept) == progress[Progress.SENT]
    assert sum(each.withdrew for each in kept) == progress[Progress.WITHDREW]
    assert progress[Progress.WITHDREW] > WITHDRAWALS // 4


def progress_of(row: Recipient) -> str:
    return "done" if row.progress in (Progress.SENT, Progress.WITHDREW) else row.progress


def was_under_way(row: Recipient, moment: datetime) -> bool:
    """Whether the last attempt to send the mail had begun when the person withdrew."""
    return row.attempts > 0 and row.due_at - ROW_LEASE <= moment
