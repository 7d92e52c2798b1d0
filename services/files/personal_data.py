"""The files of a person: exported as records; erased unless the other party has received them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

from core.files import Purpose, StoredFile
from ports.store import Repositories, Store
from services.files.documents import FILES, USAGE
from services.files.uploads import remove
from services.shared.personal_data import PAGE, PersonalData, Subject, every
from services.shared.transactions import transact

KEPT_PURPOSES = frozenset({Purpose.DELIVERY, Purpose.EVIDENCE})


class FileData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "files": "delivered work and evidence, which the other party has received; other files are "
        "removed with their bytes",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        account = subject.account.id
        usage = await repositories.documents(USAGE).find(account)
        files = [file async for file in _files(repositories, account)]
        return {"files": files, "file_usage": [usage] if usage else []}

    async def erase_history(self, store: Store, account_id: str) -> bool:
        for file in [each async for each in _files(store.repositories, account_id)]:
            if not (file.attached and file.purpose in KEPT_PURPOSES):
                await _remove(store, file)
        return False


async def _remove(store: Store, file: StoredFile) -> None:
    async def step(repositories: Repositories) -> None:
        current = await repositories.documents(FILES).find(file.id)
        if current:
            await remove(repositories, current, current.created_at)

    await transact(store, step)


def _files(repositories: Repositories, account: str) -> AsyncIterator[StoredFile]:
    return every(
        lambda cursor: repositories.documents(FILES).page(
            "of_owner", equals={"owner": account}, limit=PAGE, cursor=cursor
        )
    )
