"""Deliveries with files: attached once, by their owner, and kept as they were delivered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from core.bookings import Booking
from core.deliveries import DeliveredFile
from core.files import FilesNotReady, Purpose, UnusableFiles
from core.jobs import JobId
from tests.app import MemoryApp
from tests.builders.files import TEXT, final, hash_of, uploaded


async def accepted(app: MemoryApp) -> Booking:
    meera, _ = await app.client()
    return await app.confirmed(meera, await app.developer())


def job_of(booking: Booking) -> JobId:
    assert booking.job_id
    return JobId(booking.job_id)


async def test_a_delivery_keeps_names_sizes_and_hashes_of_its_files(app: MemoryApp) -> None:
    booking = await accepted(app)
    developer = booking.developer.account_id
    first = await final(app, developer, name="report.txt")
    second = await final(app, developer, b"SELECT 1;", name="index.sql")

    await app.services.jobs.deliver(
        job_of(booking), by=developer, note="Done.", files=[second.id, first.id]
    )

    (delivery,) = await app.store.repositories.deliveries.of_job(job_of(booking))
    assert delivery.files == (
        DeliveredFile(second.id, "index.sql", 9, hash_of(b"SELECT 1;")),
        DeliveredFile(first.id, "report.txt", len(TEXT), hash_of(TEXT)),
    )
    client = booking.client.account_id
    assert (await app.services.files.get(first.id, by=client)).attached_to == job_of(booking)


async def test_open_pages_of_both_hear_of_each_step_of_the_work(app: MemoryApp) -> None:
    booking = await accepted(app)
    client, developer = booking.client.account_id, booking.developer.account_id
    jobs, job = app.services.jobs, job_of(booking)
    await app.run()
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "delivered": lambda: jobs.deliver(job, by=developer, note="Done."),
        "changes_requested": lambda: jobs.request_changes(job, by=client, notes="More."),
        "approved": lambda: jobs.approve(job, by=client),
    }
    for what in ("delivered", "changes_requested", "delivered", "approved"):
        before = len(app.live.published)

        await steps[what]()
        await app.run()

        told = [e for e in app.live.published[before:] if e.event == "booking:updated"]
        heard = {(e.room, e.data["what"]) for e in told if e.data["what"] == what}
        assert heard == {(f"account:{each}", what) for each in (client, developer)}


async def test_a_file_that_is_not_ready_stops_the_delivery_and_nothing_changes(
    app: MemoryApp,
) -> None:
    booking = await accepted(app)
    developer = booking.developer.account_id
    ready = await final(app, developer)
    unchecked = await uploaded(app, developer)

    with pytest.raises(FilesNotReady):
        await app.services.jobs.deliver(
            job_of(booking), by=developer, note="Done.", files=[ready.id, unchecked]
        )

    assert await app.store.repositories.deliveries.of_job(job_of(booking)) == ()
    assert not (await app.services.files.get(ready.id, by=developer)).attached


async def test_files_of_others_and_of_other_purposes_are_refused(app: MemoryApp) -> None:
    booking = await accepted(app)
    developer, client = booking.developer.account_id, booking.client.account_id
    of_client = await final(app, client)
    for_chat = await final(app, developer, purpose=Purpose.CHAT)

    for file in (of_client, for_chat):
        with pytest.raises(UnusableFiles):
            await app.services.jobs.deliver(
                job_of(booking), by=developer, note="Done.", files=[file.id]
            )


async def test_a_delivered_file_is_not_delivered_twice(app: MemoryApp) -> None:
    booking = await accepted(app)
    developer = booking.developer.account_id
    file = await final(app, developer)
    await app.services.jobs.deliver(job_of(booking), by=developer, note="One.", files=[file.id])
    await app.services.jobs.request_changes(
        job_of(booking), by=booking.client.account_id, notes="Again."
    )

    with pytest.raises(UnusableFiles):
        await app.services.jobs.deliver(job_of(booking), by=developer, note="2.", files=[file.id])
