"""A worker that ends at any moment of a check: the file becomes final exactly once.

`Killed` is raised at each crossing of a port in turn, before or after the call took effect; no
handler catches it. Then another worker goes on.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.virus_scan import MemoryScanner
from core.files import State, StoredFile
from core.files_messages import CheckFile
from core.policy import HOUR, MINUTE
from services.files import FileChecks, FileSweep
from services.files.documents import FILES
from tests.app import MemoryApp
from tests.builders.files import TEXT, begun, send, uploaded

CROSSINGS = ("copy", "put", "delete", "head", "abort")
MOST = 60


class Killed(BaseException):
    """The process has ended."""


class Death:
    """Counts the crossings of ports, and kills at number `at`."""

    def __init__(self, app: MemoryApp, at: int) -> None:
        self.left, self.happened = at, False
        self._app = app
        for name in CROSSINGS:
            self._watch(app.storage, name)
        self._watch(app.store, "transact")

    def _watch(self, port: Any, name: str) -> None:
        call: Callable[..., Awaitable[Any]] = getattr(port, name)

        async def crossing(*args: Any, **more: Any) -> Any:
            self._cross()
            result = await call(*args, **more)
            self._cross()
            return result

        setattr(port, name, crossing)

    def _cross(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.happened = True
            raise Killed


async def run_until_done(app: MemoryApp) -> None:
    """By workers, each of which may be killed; the next one waits for the lease to end."""
    for _ in range(4):
        try:
            await app.run()
        except Killed:
            app.clock.advance(MINUTE)
    await app.run()


async def sample(app: MemoryApp, content: bytes, *, wrong: bool) -> StoredFile:
    meera = (await app.client())[0]
    plan = await begun(app, meera.id, content)
    await send(app, plan, content[::-1] if wrong else content)
    await app.services.uploads.complete(plan.file.id, by=meera.id)
    return plan.file


@pytest.mark.parametrize("scanned", [False, True])
@pytest.mark.parametrize("wrong", [False, True])
async def test_a_check_that_is_killed_anywhere_ends_the_same(wrong: bool, scanned: bool) -> None:
    """Also with a virus scanner, which a second message asks."""
    states, kills = set(), 0
    for at in range(1, MOST):
        app = MemoryApp(virus_scanner=MemoryScanner() if scanned else None)
        file = await sample(app, TEXT, wrong=wrong)
        death = Death(app, at)

        await run_until_done(app)
        death.left = 0  # nobody dies any more

        stored = await app.store.repositories.documents(FILES).get(file.id)
        states.add(stored.state)
        app.clock.advance(2 * HOUR)
        await app.services.built[FileSweep].sweep()
        await app.run()
        assert {key.name for key in app.storage.objects} == set(stored.object_names), at
        told = [e.data["state"] for e in app.live.published if e.event == "file:updated"]
        assert told[-1] == stored.state, at
        assert set(told) <= {stored.state, *([State.CHECKED] if scanned else [])}, at
        if not death.happened:
            break
        kills += 1
    else:
        raise AssertionError("the check crosses more ports than expected")

    assert states == {State.REFUSED if wrong else State.FINAL}
    assert kills >= 8


async def test_two_workers_that_check_at_once_leave_one_result() -> None:
    app = MemoryApp()
    meera = (await app.client())[0]
    file_id = await uploaded(app, meera.id, random.Random(1).randbytes(100_000))
    checks = app.services.built[FileChecks]

    workers = [replace(checks, _running={}) for _ in range(3)]
    await asyncio.gather(*(each.check(CheckFile(file_id)) for each in workers))

    stored = await app.store.repositories.documents(FILES).get(file_id)
    assert stored.state is State.FINAL
    assert {key.name for key in app.storage.objects} == set(stored.object_names)
