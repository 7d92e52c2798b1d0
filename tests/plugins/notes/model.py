"""What the plugin stores, and what it says to itself later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from onehour.api import Conflict, DocumentOrder, DocumentType, NoticeDelivery, Payload, Unique


class NoteExists(Conflict):
    """You already have a note about this developer."""

    code = "note_exists"


@dataclass(frozen=True, slots=True)
class Note:
    """`account` wrote it, and nobody else reads it. `avoid`: never book this developer again."""

    id: str
    account: str
    developer: str
    text: str
    written_at: datetime
    avoid: bool = False
    version: int = 0


NOTES = DocumentType(
    "notes",
    Note,
    unique=(Unique(("account", "developer"), NoteExists),),
    orders=(DocumentOrder("newest", equals=("account",), by=("written_at",), descending=True),),
)


@dataclass(frozen=True, slots=True)
class NoteWritten(Payload):
    kind: ClassVar[str] = "notes.written"
    account: str
    developer: str


@dataclass(frozen=True, slots=True)
class Ring(NoticeDelivery):
    """A notice as a sound in the open pages."""

    kind: ClassVar[str] = "notes.ring"


class NoteStep(StrEnum):
    """Kinds of timeline entries."""

    INVITED = "note_invited"
