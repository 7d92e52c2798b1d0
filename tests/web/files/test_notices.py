"""The notice of a refused file: its reason, and the way to send it again."""

from __future__ import annotations

from adapters.memory.virus_scan import EICAR
from core.files import FileId, Purpose
from tests.app import MemoryApp
from tests.builders.files import begun, final, send
from tests.web.notifications.lists import browser_of, listed


async def test_who_has_sent_a_file_reads_why_it_was_refused(app: MemoryApp) -> None:
    meera, _ = await app.client()
    browser = await browser_of(app, meera)
    plan = await begun(app, meera.id, EICAR, purpose=Purpose.EVIDENCE, name="log.txt")
    await send(app, plan, EICAR[::-1])
    await app.services.uploads.complete(plan.file.id, by=meera.id)
    await final(app, meera.id)

    (entry,) = (await listed(browser))["items"]

    assert entry["kind"] == "file_refused"
    assert entry["heading"] == "log.txt was refused"
    assert entry["detail"] == "The file did not arrive as it was sent. Upload it again."
    assert entry["url"] == f"{app.site}/uploads/evidence"

    await app.services.uploads.discard(FileId(plan.file.id), by=meera.id)
    (entry,) = (await listed(browser))["items"]
    assert entry["heading"] == "A file of yours was refused"
