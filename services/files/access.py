"""Who may see a file: its owner, and once it is attached, the parties of what it is attached to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from core.bookings import BookingId
from core.chats import ChatId
from core.errors import NotFound
from core.files import State, StoredFile
from core.jobs import JobId
from ports.store import Repositories
from services.shared.ownership import booking_of_party, job_of_party

Check = Callable[[Repositories, str, str], Awaitable[object]]
"""Raises `NotFound` unless the account (the last argument) is a party of the object."""


async def _of_job(repositories: Repositories, job: str, account: str) -> object:
    return await job_of_party(repositories, JobId(job), account)


async def _of_booking(repositories: Repositories, booking: str, account: str) -> object:
    return await booking_of_party(repositories, BookingId(booking), account)


async def _of_chat(repositories: Repositories, chat: str, account: str) -> object:
    found = await repositories.chats.find(ChatId(chat))
    if found is None:
        raise NotFound
    return found.side(account)


PARTIES: Mapping[str, Check] = {"job": _of_job, "bkg": _of_booking, "cht": _of_chat}
"""By the prefix of the id that a file is attached to."""


async def check_access(repositories: Repositories, file: StoredFile, account: str) -> None:
    """Raises `NotFound` for an account that may not see the file."""
    if file.owner == account:
        return
    check = PARTIES.get(file.attached_to.partition("_")[0])
    if file.state is not State.FINAL or check is None:
        raise NotFound
    await check(repositories, file.attached_to, account)
