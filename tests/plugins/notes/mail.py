"""A mailer for trying out: one file for each mail. ONEHOUR_MAIL=notes_folder chooses it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from onehour.api import AdapterOffer, Mailer, Message, Resources, WrongSetting
from tests.plugins.notes.settings import NotesSettings


@dataclass(frozen=True, slots=True)
class FolderMailer(Mailer):
    folder: Path

    async def send(self, message: Message) -> None:
        file = self.folder / f"{message.id}.json"
        file.write_text(json.dumps(asdict(message), default=bytes.hex), encoding="utf-8")


def build(settings: NotesSettings, resources: Resources) -> FolderMailer:
    if settings.mail_folder is None:
        raise WrongSetting("ONEHOUR_PLUGIN_NOTES_MAIL_FOLDER must be set.")
    return FolderMailer(settings.mail_folder)


OFFER = AdapterOffer(
    port="mail",
    name="notes_folder",
    settings=NotesSettings,
    build=build,
    configured=lambda settings: settings.mail_folder is not None,
)
