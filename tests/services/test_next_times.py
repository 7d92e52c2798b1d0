"""The stored next free times of all profiles are renewed together, when the first has passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from core.developers import Developer
from core.policy import DAY, HOUR, MINUTE
from services.developers import service
from services.developers.free_hours import FreeHours
from tests.app import MemoryApp


async def stored(app: MemoryApp, developer: Developer) -> Developer:
    return await app.store.repositories.developers.get(developer.id)


async def put_times(app: MemoryApp, developer: Developer, *times: datetime) -> None:
    repository = app.store.repositories.developers
    await repository.save(replace(await repository.get(developer.id), next_times=times))


async def several(app: MemoryApp, number: int) -> list[Developer]:
    """Published, with their next times."""
    made = [await app.developer() for _ in range(number)]
    for each in made:
        await app.services.developers.refresh_next_times(each.id)
    await app.run()  # the messages of their first saves
    return [await stored(app, each) for each in made]


async def test_times_that_have_passed_are_renewed(app: MemoryApp) -> None:
    one, two = await several(app, 2)
    first = one.next_times[0]
    app.clock.advance(first - one.availability.minimum_notice + MINUTE - app.clock.now())

    await app.services.developers.refresh_outdated()

    now = app.clock.now()
    for before in (one, two):
        after = await stored(app, before)
        assert after.next_times == await app.services.developers.free.next_times(after, now)
        assert after.next_times[0] > first
        assert after.version == before.version + 1


async def test_times_that_can_be_booked_are_left(app: MemoryApp) -> None:
    (one,) = await several(app, 1)

    await app.services.developers.refresh_outdated()

    assert await stored(app, one) == one


@pytest.mark.parametrize("together", [1, 2, 200])
async def test_all_are_renewed_in_batches_of_any_size(
    app: MemoryApp, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "REFRESHED_TOGETHER", together)
    made = await several(app, 5)
    for each in made:
        await put_times(app, each, app.clock.now() - HOUR)

    await app.services.developers.refresh_outdated()

    for each in made:
        assert (await stored(app, each)).next_times == each.next_times


async def test_a_developer_without_free_times_is_looked_at_again_tomorrow(app: MemoryApp) -> None:
    (one,) = await several(app, 1)
    repository = app.store.repositories.developers
    await put_times(app, one, app.clock.now() - HOUR)
    idle = replace(await stored(app, one), availability=replace(one.availability, weekly=()))
    await repository.save(idle)

    await app.services.developers.refresh_outdated()

    assert (await stored(app, one)).next_times == ()
    await repository.save(replace(await stored(app, one), availability=one.availability))
    await app.pass_time(DAY - MINUTE)
    assert (await stored(app, one)).next_times == ()
    await app.pass_time(2 * MINUTE)
    assert len((await stored(app, one)).next_times) == 3


async def test_nobody_is_waited_for_who_saves_the_profile_meanwhile(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job ends, and the profile keeps what was saved."""
    (one,) = await several(app, 1)
    passed = app.clock.now() - HOUR
    await put_times(app, one, passed)
    computed = app.services.developers.free.next_times_of

    async def saved_meanwhile(
        _: object, developers: Sequence[Developer], now: datetime
    ) -> dict[str, tuple[datetime, ...]]:
        await put_times(app, one, passed)
        return await computed(developers, now)

    monkeypatch.setattr(FreeHours, "next_times_of", saved_meanwhile)

    await app.services.developers.refresh_outdated()

    assert (await stored(app, one)).next_times == (passed,)
