"""A check of a file that lasts longer than an outbox message may run, as on a busy machine."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.files import State
from core.files_messages import CheckFile
from core.outbox import NotDueYet
from ports.inspection import Inspection, Inspector
from services.files import FileChecks, checking
from services.files.documents import FILES
from tests.app import MemoryApp
from tests.builders.files import uploaded


class SlowInspector(Inspector):
    """Waits, and then fails if `error` is given."""

    def __init__(self, inspector: Inspector, error: Exception | None = None) -> None:
        self.asked = 0
        self.go_on = asyncio.Event()
        self._inspector, self._error = inspector, error

    async def inspect(self, path: Path, *, name: str) -> Inspection:
        self.asked += 1
        await self.go_on.wait()
        if self._error:
            raise self._error
        return await self._inspector.inspect(path, name=name)

    async def close(self) -> None:
        await self._inspector.close()


async def slow_check(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch, error: Exception | None = None
) -> tuple[FileChecks, SlowInspector, CheckFile]:
    """One that goes on after its message was postponed twice."""
    monkeypatch.setattr(checking, "WAIT_S", 0.01)
    file = await uploaded(app, (await app.client())[0].id)
    built = app.services.built[FileChecks]
    inspector = SlowInspector(built.inspector, error)
    checks, message = replace(built, inspector=inspector, _running={}), CheckFile(file)
    for _ in range(2):
        with pytest.raises(NotDueYet) as early:
            await checks.check(message)
        assert early.value.until == app.clock.now() + checking.BUSY_WAIT
    monkeypatch.setattr(checking, "WAIT_S", 60)
    return checks, inspector, message


async def test_a_long_check_goes_on_while_its_message_waits(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks, inspector, message = await slow_check(app, monkeypatch)

    inspector.go_on.set()
    await checks.check(message)

    stored = await app.store.repositories.documents(FILES).get(message.file)
    assert (stored.state, inspector.asked) == (State.FINAL, 1)
    assert {key.name for key in app.storage.objects} == set(stored.object_names)
    assert checks._running == {}


async def test_what_fails_while_its_message_waits_fails_it_once(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks, inspector, message = await slow_check(app, monkeypatch, RuntimeError("It broke."))

    inspector.go_on.set()
    with pytest.raises(RuntimeError, match="It broke"):
        await checks.check(message)
    with pytest.raises(RuntimeError, match="It broke"):
        await checks.check(message)

    assert inspector.asked == 2
    assert checks._running == {}
