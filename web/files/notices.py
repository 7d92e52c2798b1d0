"""Wording of notifications about files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.files import StoredFile
from core.notifications import Notification
from web.shared.context import dependencies, me, services
from web.shared.notices import NoticeLine, NoticeWords


async def _files(entries: Sequence[Notification]) -> Mapping[str, StoredFile | None]:
    """The own file of each entry, None once it was removed: one read for all of them."""
    repositories = dependencies().store.repositories
    ids = sorted({each.subject for each in entries})
    found = await services().attachments.of(repositories, ids)
    mine = {name: file for name, file in found.items() if file.owner == me().id}
    return {each.id: mine.get(each.subject) for each in entries}


def _refused(entry: Notification, file: StoredFile | None) -> NoticeLine:
    if file is None:
        return NoticeLine("A file of yours was refused", "It was removed.", "", "file-x")
    return NoticeLine(
        f"{file.name} was refused", file.reason, f"/uploads/{file.purpose}", "file-x"
    )  # fmt: skip


NOTICES = NoticeWords({"file_refused": _refused}, _files)
