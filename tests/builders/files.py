"""Files as people upload them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from core.files import FileId, Purpose, StoredFile
from ports.store import Repositories
from services.files import UploadPlan

if TYPE_CHECKING:
    from tests.app import MemoryApp

TEXT = b"The first line.\nThe second line.\n"
OCTETS = "application/octet-stream"


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def begun(
    app: MemoryApp,
    by: str,
    content: bytes = TEXT,
    *,
    purpose: Purpose = Purpose.DELIVERY,
    name: str = "notes.txt",
    media_type: str = OCTETS,
) -> UploadPlan:
    """An upload of which no byte was sent."""
    return await app.services.uploads.begin(
        by=by,
        purpose=purpose,
        name=name,
        size=len(content),
        sha256=hash_of(content),
        media_type=media_type,
    )


async def send(app: MemoryApp, plan: UploadPlan, content: bytes = TEXT) -> None:
    """All bytes that are missing, as a browser sends them."""
    if plan.put:
        await send_to(app, plan.put.url, content, plan.put.headers["Content-Type"])
    for number, link in plan.parts.items():
        start = (number - 1) * plan.part_size
        await send_to(app, link.url, content[start : start + plan.part_size])


async def send_to(app: MemoryApp, url: str, content: bytes, media_type: str | None = None) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield content

    token = url.rpartition("/")[2]
    await app.services.storage_links.receive(token, body(), media_type=media_type)


async def uploaded(
    app: MemoryApp,
    by: str,
    content: bytes = TEXT,
    *,
    purpose: Purpose = Purpose.DELIVERY,
    name: str = "notes.txt",
) -> FileId:
    """All bytes are there, and the check is due."""
    plan = await begun(app, by, content, purpose=purpose, name=name)
    await send(app, plan, content)
    await app.services.uploads.complete(plan.file.id, by=by)
    return plan.file.id


async def final(
    app: MemoryApp,
    by: str,
    content: bytes = TEXT,
    *,
    purpose: Purpose = Purpose.DELIVERY,
    name: str = "notes.txt",
) -> StoredFile:
    """A file that was checked."""
    file_id = await uploaded(app, by, content, purpose=purpose, name=name)
    await app.run()
    return await app.services.files.get(file_id, by=by)


async def attach(app: MemoryApp, by: str, *ids: str, to: str, purpose: Purpose) -> None:
    """As a delivery or message attaches files, in its transaction."""

    async def step(repositories: Repositories) -> None:
        await app.services.attachments.attach(repositories, ids, by=by, purpose=purpose, to=to)

    await app.store.transact(step)
