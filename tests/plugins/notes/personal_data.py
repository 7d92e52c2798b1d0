"""What the notes say about their authors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from onehour.api import PersonalData, Repositories, Subject
from tests.plugins.notes.model import NOTES


class NoteData(PersonalData):
    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        notes = repositories.documents(NOTES).each(account=subject.account.id)
        return {"notes": [note async for note in notes]}

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        notes = repositories.documents(NOTES)
        mine = [note.id async for note in notes.each(account=subject.account.id)]
        for note_id in mine:
            await notes.remove(note_id)
