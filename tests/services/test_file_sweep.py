"""The sweep removes what nobody uses, in both directions, and nothing that is in use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.accounts import Account
from core.errors import NotFound
from core.files import Purpose, State
from core.policy import DAY, HOUR
from ports.storage import PART_SIZE, Area, Key, StorageUnavailable
from services.files import FileSweep
from services.files.documents import FILES, USAGE
from tests.app import MemoryApp
from tests.builders.files import TEXT, attach, begun, final, send, send_to, uploaded


@pytest.fixture
async def meera(app: MemoryApp) -> Account:
    return (await app.client())[0]


async def sweep(app: MemoryApp) -> None:
    await app.services.built[FileSweep].sweep()
    await app.run()


async def test_an_upload_that_was_given_up_is_removed(app: MemoryApp, meera: Account) -> None:
    small = await begun(app, meera.id)
    await send(app, small)
    large = await begun(app, meera.id, bytes(PART_SIZE + 1))
    await send_to(app, large.parts[2].url, b"\0")

    app.clock.advance(23 * HOUR)
    await sweep(app)
    assert (await app.services.uploads.plan(large.file.id, by=meera.id)).stored == (2,)

    app.clock.advance(2 * HOUR)
    await sweep(app)
    assert (app.storage.objects, app.storage.uploads) == ({}, {})
    usage = await app.store.repositories.documents(USAGE).get(meera.id)
    assert usage.used == 0
    with pytest.raises(NotFound):
        await app.services.files.get(small.file.id, by=meera.id)


async def test_a_file_that_is_never_used_is_removed_and_an_attached_one_stays(
    app: MemoryApp, meera: Account
) -> None:
    unused, used = await final(app, meera.id), await final(app, meera.id)
    await attach(app, meera.id, used.id, to="job_1", purpose=Purpose.DELIVERY)

    app.clock.advance(6 * DAY)
    await sweep(app)
    assert await app.services.files.get(unused.id, by=meera.id)

    app.clock.advance(400 * DAY)
    await sweep(app)
    assert {key.name for key in app.storage.objects} == set(used.object_names)


async def test_objects_without_a_file_are_removed_when_they_are_old(
    app: MemoryApp, meera: Account
) -> None:
    used = await final(app, meera.id)
    plan = await begun(app, meera.id)
    await send(app, plan)
    strange = [
        Key(Area.FINAL, f"fil_{'8' * 26}-0123456789"),
        Key(Area.FINAL, f"{used.id}-loser00000"),
        Key(Area.FINAL, f"{used.id}-loser00000small"),
    ]
    for key in strange:
        await app.storage.put(key, b"x", "text/plain")
    foreign = Key(Area.FINAL, f"dsp_{'8' * 26}")
    await app.storage.put(foreign, b"x", "application/zip")
    late = await begun(app, meera.id)
    await send(app, late)
    await app.services.uploads.complete(late.file.id, by=meera.id)
    await app.run()
    await send(app, late)  # the link still works

    await sweep(app)
    assert set(strange) <= app.storage.objects.keys()

    app.clock.advance(2 * HOUR)
    await sweep(app)
    assert {str(key) for key in app.storage.objects} == {
        str(foreign),
        f"quarantine/{plan.file.id}",
        *(f"final/{name}" for name in used.object_names),
        *(
            f"final/{name}"
            for name in (await app.services.files.get(late.file.id, by=meera.id)).object_names
        ),
    }


async def test_a_copy_that_is_being_checked_is_not_removed(app: MemoryApp, meera: Account) -> None:
    file_id = await uploaded(app, meera.id)
    copy = Key(Area.FINAL, f"{file_id}-0123456789")
    await app.storage.copy(Key(Area.QUARANTINE, file_id), copy)
    app.clock.advance(2 * HOUR)

    await app.services.built[FileSweep].sweep()

    assert {copy, Key(Area.QUARANTINE, file_id)} <= app.storage.objects.keys()


async def test_a_file_without_bytes_is_reported_once(app: MemoryApp, meera: Account) -> None:
    file = await final(app, meera.id)
    await app.storage.delete(Key(Area.FINAL, file.object_name))

    await sweep(app)
    await sweep(app)

    (finding,) = await app.store.repositories.findings.open()
    assert (finding.kind, finding.subject) == ("file_lost", file.id)


async def test_many_objects_are_swept_over_several_runs(
    app: MemoryApp, meera: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.files.sweeping.PAGE", 2)
    monkeypatch.setattr("services.files.sweeping.PAGES_OF_OBJECTS", 2)
    used = await final(app, meera.id)
    for number in range(10):
        key = Key(Area.FINAL, f"fil_{number:026d}-0123456789")
        await app.storage.put(key, b"x", "text/plain")
    app.clock.advance(2 * HOUR)

    counts = []
    for _ in range(4):
        await sweep(app)
        counts.append(len(app.storage.objects))

    assert counts == sorted(counts, reverse=True)
    assert {key.name for key in app.storage.objects} == set(used.object_names)


async def test_a_storage_that_is_away_fails_the_run(app: MemoryApp, meera: Account) -> None:
    app.storage.down = True

    with pytest.raises(StorageUnavailable):
        await app.services.built[FileSweep].sweep()


async def test_a_file_attached_while_the_sweep_runs_stays(app: MemoryApp, meera: Account) -> None:
    file = await final(app, meera.id)
    app.clock.advance(8 * DAY)
    sweeper = app.services.built[FileSweep]
    await attach(app, meera.id, file.id, to="job_1", purpose=Purpose.DELIVERY)

    await sweeper._remove_unused(file)  # as it was when the list was read

    stored = await app.store.repositories.documents(FILES).get(file.id)
    assert stored == replace(file, attached_to="job_1", attached_at=app.clock.now(), version=3)
    assert stored.state is State.FINAL
    assert len(TEXT) == stored.size
