"""Attachments: what deliveries, messages, briefs and disputes do with files.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.errors import Invalid
from core.file_usage import count_maximum
from core.files import NO_SUCH_FILE, Purpose, StoredFile, UnusableFiles
from core.files_policy import FilePolicy
from ports.clock import Clock
from ports.store import Repositories
from services.files.documents import FILES
from services.files.uploads import remove

PAGE = 200
ATTACHED_AT_MOST = 5_000
LATEST = 20
"""Files that are looked at for those of a message that was not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    clock: Clock
    policy: FilePolicy

    async def attach(
        self,
        repositories: Repositories,
        ids: Sequence[str],
        *,
        by: str,
        purpose: Purpose,
        to: str,
        message: str = "",
        unsent: Collection[str] = (),
    ) -> tuple[StoredFile, ...]:
        """Use final files of the account `by` for the job, chat, booking or dispute `to`; each can
        be used once. Returns them in the given order. `message` and `unsent` are those of
        `StoredFile.attach`.

        Raises `UnusableFiles` with the field `files` for those of others, of another purpose, or
        used already, `FilesNotReady` while one is being checked, and `Invalid` for too many.
        """
        self.check_count(ids, purpose)
        documents = repositories.documents(FILES)
        found = await documents.many(ids)
        if len(found) != len(ids):
            raise UnusableFiles(files=NO_SUCH_FILE)
        now = self.clock.now()
        files = [
            found[each].attach(to, by=by, purpose=purpose, now=now, message=message, unsent=unsent)
            for each in ids
        ]
        return tuple([await documents.save(file) for file in files])

    def check_count(self, ids: Sequence[str], purpose: Purpose) -> None:
        """Raises `Invalid` for more files than the purpose allows, or the same one twice."""
        most = count_maximum(purpose, self.policy)
        if len(ids) > most:
            raise Invalid(files=f"Attach at most {most} files. These are {len(ids)}.")
        if len(set(ids)) != len(ids):
            raise UnusableFiles(files="The same file is attached twice.")

    async def remove(self, repositories: Repositories, ids: Sequence[str]) -> None:
        """Remove those of the files that exist, with their bytes: what used them is gone."""
        for file in (await self.of(repositories, ids)).values():
            await remove(repositories, file, self.clock.now())

    async def latest(
        self, repositories: Repositories, *, by: str, to: str
    ) -> tuple[StoredFile, ...]:
        """The newest files of the account that are attached to one thing, at most `LATEST`."""
        found, _ = await repositories.documents(FILES).page(
            "unused_of", equals={"owner": by, "attached_to": to}, limit=LATEST
        )
        return found

    async def attached_to(self, repositories: Repositories, to: str) -> tuple[StoredFile, ...]:
        """Files of one thing, earliest attached first, at most `ATTACHED_AT_MOST`."""
        found: list[StoredFile] = []
        cursor: str | None = None
        while len(found) < ATTACHED_AT_MOST:
            page, cursor = await repositories.documents(FILES).page(
                "attached", equals={"attached_to": to}, limit=PAGE, cursor=cursor
            )
            found += page
            if cursor is None:
                break
        return tuple(found)

    async def of(self, repositories: Repositories, ids: Sequence[str]) -> dict[str, StoredFile]:
        """Those of the files that exist, by id, in one query."""
        return await repositories.documents(FILES).many(ids) if ids else {}
