"""What is stored about files: their records, and the space that each account uses."""

from __future__ import annotations

from contextlib import suppress

from core.file_usage import FileUsage
from core.files import StoredFile
from ports.documents import DocumentType, Order
from ports.store import Duplicate, Repositories

FILES = DocumentType(
    "files",
    StoredFile,
    orders=(
        Order("of_owner", equals=("owner",), by=("created_at",), descending=True),
        Order("attached", equals=("attached_to",), by=("attached_at",)),
        Order("unused_of", equals=("owner", "attached_to"), by=("created_at",), descending=True),
        Order("unused", equals=("attached_to", "state"), by=("created_at",)),
        Order("by_age", equals=("state",), by=("created_at",)),
    ),
)
USAGE = DocumentType("file_usage", FileUsage)


async def usage_of(repositories: Repositories, account: str) -> FileUsage:
    """The usage of the account. Not in a transaction for the first file of an account."""
    found = await repositories.documents(USAGE).find(account)
    if found is None:
        with suppress(Duplicate):  # another request was first
            await repositories.documents(USAGE).add(FileUsage(account))
        found = await repositories.documents(USAGE).get(account)
    return found


async def free_bytes(repositories: Repositories, account: str, size: int) -> None:
    """Give bytes back to the account, in a transaction."""
    usage = await repositories.documents(USAGE).find(account)
    if usage and size:
        await repositories.documents(USAGE).save(usage.subtract(size))
