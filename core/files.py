"""Files: uploaded by an account, checked, and then attached to a job, chat, booking or dispute."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.errors import Conflict, Invalid, NotFound

FileId = NewType("FileId", str)
"""`fil_` and 26 letters and digits."""

ATTEMPT_LENGTH = 10
"""Characters that tell the attempts to check one file apart."""
HASH_LENGTH = 64


class Purpose(StrEnum):
    """What a file is uploaded for."""

    DELIVERY = "delivery"
    CHAT = "chat"
    BRIEF = "brief"
    EVIDENCE = "evidence"


class State(StrEnum):
    """`PENDING`: not all bytes are there. `QUARANTINED`: all are there. `CHECKED`: everything is
    right, but a virus scan is missing. `FINAL`: can be attached. `REFUSED`: `reason` says why."""

    PENDING = "pending"
    QUARANTINED = "quarantined"
    CHECKED = "checked"
    FINAL = "final"
    REFUSED = "refused"


NEXT: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.QUARANTINED}),
    State.QUARANTINED: frozenset({State.CHECKED, State.REFUSED}),
    State.CHECKED: frozenset({State.FINAL, State.REFUSED}),
    State.FINAL: frozenset(),
    State.REFUSED: frozenset(),
}


class Kind(StrEnum):
    """What a file is by its content, as far as pages treat kinds differently."""

    IMAGE = "image"
    PDF = "pdf"
    TEXT = "text"
    """Text of any language, also HTML and SVG, which are never shown as anything but text."""
    ARCHIVE = "archive"
    AUDIO = "audio"
    VIDEO = "video"
    OTHER = "other"
    """Everything else, and what is unknown: to be downloaded."""


class PreviewName(StrEnum):
    SMALL = "small"
    """A picture that fits in a square of 320 pixels."""
    LARGE = "large"
    """A picture that fits in a square of 1600 pixels."""
    TEXT = "text"
    """The beginning of a text in UTF-8."""


class EntryKind(StrEnum):
    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """What an archive contains: a name that can be shown, and the declared size unpacked."""

    name: str
    size: int
    kind: EntryKind = EntryKind.FILE


class WrongFileState(Conflict):
    """The state of this file does not allow that."""

    code = "wrong_file_state"


class FileInUse(Conflict):
    """This file is in use and cannot be removed."""

    code = "file_in_use"


class FilesNotReady(Conflict):
    """A file is still being checked. Wait a moment, then try again."""

    code = "files_not_ready"


class UnusableFiles(Invalid):
    """A file cannot be attached."""

    code = "unusable_files"


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture or text made of a file. Width and height are pixels, 0 for a text."""

    name: PreviewName
    media_type: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the bytes of a file are, whatever its name says. Width and height are those of an image
    in pixels, 0 if unknown; `pages` those of a PDF. `entries` are the first entries of an archive;
    `entry_count` and `unpacked_size` (bytes) are of all. `truncated`: the text preview or the list
    of entries is not complete."""

    media_type: str = "application/octet-stream"
    kind: Kind = Kind.OTHER
    width: int = 0
    height: int = 0
    pages: int = 0
    previews: tuple[Preview, ...] = ()
    entries: tuple[ArchiveEntry, ...] = ()
    entry_count: int = 0
    unpacked_size: int = 0
    truncated: bool = False

    def preview(self, name: str = "") -> Preview:
        """The preview of this name, without one the first. Raises `NotFound`."""
        for each in self.previews:
            if name in ("", each.name):
                return each
        raise NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """`owner` is the account that uploads it. `size` in bytes, `sha256` (hexadecimal) and
    `declared_type` are as the browser announced them; `contents` is what was found.

    `upload_id` names an upload in parts to the storage. `attempt` is part of the names of the final
    objects. `attached_to` is the id of a job, chat, booking or dispute, "" for none; in a chat,
    `message` is the `client_id` of its message.
    """

    id: FileId
    owner: str
    purpose: Purpose
    name: str
    size: int
    sha256: str
    declared_type: str
    created_at: datetime
    state: State = State.PENDING
    upload_id: str = ""
    attempt: str = ""
    contents: Contents = Contents()
    reason: str = ""
    attached_to: str = ""
    attached_at: datetime | None = None
    message: str = ""
    version: int = 0

    @property
    def attached(self) -> bool:
        return bool(self.attached_to)

    @property
    def counted_bytes(self) -> int:
        """What it uses of the quota: nothing once it is refused, since its bytes are removed."""
        return 0 if self.state is State.REFUSED else self.size

    @property
    def object_names(self) -> tuple[str, ...]:
        """The names of its final objects: of the file itself, then of its previews."""
        if not self.attempt:
            return ()
        previews = (self.preview_name(each.name) for each in self.contents.previews)
        return (self.object_name, *previews)

    @property
    def object_name(self) -> str:
        return object_name(self.id, self.attempt)

    def preview_name(self, name: str) -> str:
        return f"{self.object_name}{name}"

    def begun(self, upload_id: str) -> Self:
        """The storage has begun an upload in parts."""
        self._check(State.PENDING)
        return replace(self, upload_id=upload_id)

    def uploaded(self) -> Self:
        """All bytes have arrived."""
        return self._to(State.QUARANTINED)

    def checked(self, attempt: str, contents: Contents) -> Self:
        """The copy of this attempt has the announced size and hash, and these contents."""
        return replace(self._to(State.CHECKED), attempt=attempt, contents=contents)

    def final(self) -> Self:
        """Nothing is missing any more."""
        return self._to(State.FINAL)

    def refused(self, reason: str) -> Self:
        """`reason` is a sentence for the owner. Its bytes are to be removed."""
        refused = self._to(State.REFUSED)
        return replace(refused, reason=reason, attempt="", contents=Contents())

    def attach(
        self,
        to: str,
        *,
        by: str,
        purpose: Purpose,
        now: datetime,
        message: str = "",
        unsent: Collection[str] = (),
    ) -> Self:
        """Use it for something, once. For a `message` of a chat again, if it was attached for the
        same one, or for one of those `unsent`. Raises `UnusableFiles` or `FilesNotReady`."""
        if self.owner != by:
            raise UnusableFiles(files=NO_SUCH_FILE)
        again = message and self.attached_to == to and self.message in (message, *unsent)
        if self.attached and not again:
            raise UnusableFiles(files=f"{self.name} is already in use. Upload it again.")
        if self.purpose is not purpose:
            raise UnusableFiles(files=f"{self.name} was uploaded for something else.")
        if self.state is State.REFUSED:
            raise UnusableFiles(files=f"{self.name} was refused: {self.reason}")
        if self.state is State.PENDING:
            raise UnusableFiles(files=f"{self.name} is not uploaded completely.")
        if self.state is not State.FINAL:
            raise FilesNotReady(f"{self.name} is still being checked. Try again in a moment.")
        return replace(self, attached_to=to, attached_at=now, message=message)

    def is_final_of(self, owner: str, purpose: Purpose) -> bool:
        """Whether this account has uploaded it for this purpose, and it can be used."""
        return (self.owner, self.purpose, self.state) == (owner, purpose, State.FINAL)

    def copied(self, file_id: FileId, *, now: datetime) -> Self:
        """The record of a copy, whose objects have names of its own. It is not attached."""
        return replace(
            self,
            id=file_id,
            created_at=now,
            upload_id="",
            attached_to="",
            attached_at=None,
            message="",
            version=0,
        )

    def check_removable(self) -> None:
        """Raises `FileInUse`."""
        if self.attached:
            raise FileInUse

    def _to(self, state: State) -> Self:
        if state not in NEXT[self.state]:
            raise WrongFileState
        return replace(self, state=state)

    def _check(self, state: State) -> None:
        if self.state is not state:
            raise WrongFileState


NO_SUCH_FILE = "One of the files does not exist. Upload it again."


def object_name(file: FileId, attempt: str) -> str:
    """The name of the final object that an attempt to check a file makes."""
    return f"{file}-{attempt}"


def checked_hash(sha256: str) -> str:
    """The hash in lower case. Raises `Invalid`."""
    text = sha256.lower()
    if len(text) != HASH_LENGTH or set(text) - set("0123456789abcdef"):
        raise Invalid(sha256="The SHA-256 of a file has 64 hexadecimal digits.")
    return text
