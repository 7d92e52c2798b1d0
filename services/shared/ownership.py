"""Ownership checks: load an object for an account that may access it.

Each function raises `NotFound` for an account without access, so that an answer does not reveal
whether the object exists. A party of a booking is its client or its developer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from core.bookings import Booking, BookingId, Status
from core.errors import NotFound
from core.jobs import Job, JobId
from ports.store import Repositories
from services.shared.personal_data import PAGE, every


async def booking_of_party(
    repositories: Repositories, booking_id: BookingId, account_id: str
) -> Booking:
    booking = await repositories.bookings.get(booking_id)
    if not booking.is_party(account_id):
        raise NotFound
    return booking


async def booking_of_client(
    repositories: Repositories, booking_id: BookingId, account_id: str
) -> Booking:
    booking = await repositories.bookings.get(booking_id)
    if booking.client.account_id != account_id:
        raise NotFound
    return booking


async def booking_of_developer(
    repositories: Repositories, booking_id: BookingId, account_id: str
) -> Booking:
    booking = await repositories.bookings.get(booking_id)
    if booking.developer.account_id != account_id:
        raise NotFound
    return booking


async def job_of_party(repositories: Repositories, job_id: JobId, account_id: str) -> Job:
    job = await repositories.jobs.get(job_id)
    if account_id not in (job.client.account_id, job.developer.account_id):
        raise NotFound
    return job


async def job_of_client(repositories: Repositories, job_id: JobId, account_id: str) -> Job:
    job = await repositories.jobs.get(job_id)
    if job.client.account_id != account_id:
        raise NotFound
    return job


async def job_of_developer(repositories: Repositories, job_id: JobId, account_id: str) -> Job:
    job = await repositories.jobs.get(job_id)
    if job.developer.account_id != account_id:
        raise NotFound
    return job


def bookings_of(repositories: Repositories, account_id: str) -> AsyncIterator[Booking]:
    """Every booking of an account, as client or developer."""
    return every(
        lambda cursor: repositories.bookings.of_account(
            account_id, statuses=tuple(Status), limit=PAGE, cursor=cursor
        )
    )
