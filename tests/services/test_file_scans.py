"""Files with a virus scanner switched on: nobody else gets one before it is scanned."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from adapters.clamd.scanner import ClamdScanner
from adapters.memory.virus_scan import MemoryScanner
from core.accounts import Account
from core.errors import NotFound
from core.files import FilesNotReady, Purpose, State, StoredFile, UnusableFiles
from core.policy import DAY, HOUR, MINUTE
from onehour.testing.virus_scan import EICAR
from ports.storage import MIB
from services.files.documents import FILES, USAGE
from tests.app import CALLER, MemoryApp
from tests.builders.files import TEXT, attach, uploaded
from tests.contracts.clamd_server import ClamdServer

LIMIT = 1 * MIB


@dataclass
class Scanned:
    """An application with a scanner that can be away, and somebody who uploads."""

    app: MemoryApp
    meera: Account
    memory: MemoryScanner | None = None
    server: ClamdServer | None = None

    async def away(self) -> None:
        if self.memory:
            self.memory.down = True
        if self.server:
            await self.server.stop()

    async def back(self) -> None:
        if self.memory:
            self.memory.down = False
        if self.server:
            await self.server.start()

    async def stored(self, file_id: str) -> StoredFile:
        return await self.app.store.repositories.documents(FILES).get(file_id)

    async def upload(self, content: bytes = TEXT, name: str = "notes.txt") -> str:
        return await uploaded(self.app, self.meera.id, content, name=name)


@pytest.fixture(params=["memory", "clamd"])
async def scanned(request: pytest.FixtureRequest) -> AsyncIterator[Scanned]:
    if request.param == "memory":
        memory = MemoryScanner(size_maximum=LIMIT)
        app = MemoryApp(virus_scanner=memory)
        yield Scanned(app, (await app.client())[0], memory=memory)
        return
    server = ClamdServer(stream_maximum=LIMIT)
    url = await server.start()
    app = MemoryApp(virus_scanner=ClamdScanner(url, timeout_s=10, size_maximum=10 * LIMIT))
    yield Scanned(app, (await app.client())[0], server=server)
    await server.stop()


async def test_a_clean_file_becomes_final(scanned: Scanned) -> None:
    file_id = await scanned.upload()

    await scanned.app.run()

    assert (await scanned.stored(file_id)).state is State.FINAL
    told = [e.data["state"] for e in scanned.app.live.published if e.event == "file:updated"]
    assert told == ["checked", "final"]


async def test_nobody_else_gets_a_file_before_it_is_scanned(scanned: Scanned) -> None:
    app, meera = scanned.app, scanned.meera
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    await scanned.away()
    file_id = await scanned.upload()
    await app.run()

    assert (await scanned.stored(file_id)).state is State.CHECKED
    with pytest.raises(FilesNotReady, match="still being checked"):
        await attach(app, meera.id, file_id, to=booking.id, purpose=Purpose.DELIVERY)

    await scanned.back()
    await app.pass_time(HOUR)
    await attach(app, meera.id, file_id, to=booking.id, purpose=Purpose.DELIVERY)
    accounts = app.store.repositories.accounts
    other = await accounts.get(lucia.account_id)  # type: ignore[arg-type]
    assert await app.services.files.link(file_id, by=other, caller=CALLER)  # type: ignore[arg-type]


async def test_a_scanner_that_is_away_for_days_loses_no_file(scanned: Scanned) -> None:
    await scanned.away()
    file_id = await scanned.upload()
    for _ in range(40):
        await scanned.app.pass_time(90 * MINUTE)

    assert (await scanned.stored(file_id)).state is State.CHECKED
    assert await scanned.app.store.repositories.findings.open(limit=10) == ()

    await scanned.back()
    await scanned.app.pass_time(DAY)
    assert (await scanned.stored(file_id)).state is State.FINAL


async def test_a_file_with_a_virus_is_refused_with_its_name_and_leaves_nothing(
    scanned: Scanned,
) -> None:
    app, meera = scanned.app, scanned.meera
    file_id = await scanned.upload(b"harmless " + EICAR, name="invoice.txt")

    await app.run()

    file = await scanned.stored(file_id)
    assert file.state is State.REFUSED
    assert file.reason.startswith("A virus scanner has found ")
    assert "EICAR" in file.reason.upper()
    assert app.storage.objects == {}
    usage = await app.store.repositories.documents(USAGE).get(meera.id)
    assert usage.used == 0
    with pytest.raises(NotFound):
        await app.services.files.link(file.id, by=meera, caller=CALLER)
    with pytest.raises(UnusableFiles, match="was refused: A virus scanner"):
        await attach(app, meera.id, file.id, to="job_1", purpose=Purpose.DELIVERY)


async def test_a_file_that_is_too_large_for_the_scanner_is_refused(scanned: Scanned) -> None:
    file_id = await scanned.upload(bytes(LIMIT + 1), name="large.bin")

    await scanned.app.run()

    file = await scanned.stored(file_id)
    assert file.state is State.REFUSED
    assert file.reason == "This file is too large to be scanned for viruses."


async def test_a_scanner_that_was_switched_off_since_then_keeps_no_file_waiting(
    scanned: Scanned,
) -> None:
    await scanned.away()
    file_id = await scanned.upload()
    await scanned.app.run()

    without = MemoryApp(clock=scanned.app.clock, store=scanned.app.store)
    without.clock.advance(HOUR)
    await without.run()

    assert (await scanned.stored(file_id)).state is State.FINAL
