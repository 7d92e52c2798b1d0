"""What pages say about files."""

from __future__ import annotations

from collections.abc import Iterator

from core.files import Contents, Kind, Purpose, State, StoredFile

NO_BREAK = "\N{NO-BREAK SPACE}"
ICONS = {
    Kind.IMAGE: "file-image",
    Kind.ARCHIVE: "file-archive",
    Kind.VIDEO: "file-video",
    Kind.AUDIO: "file-video",
}
"""By kind; other files have the icon of a text."""
KINDS = {
    Kind.IMAGE: "Image",
    Kind.PDF: "PDF",
    Kind.TEXT: "Text",
    Kind.ARCHIVE: "Archive",
    Kind.AUDIO: "Sound",
    Kind.VIDEO: "Video",
    Kind.OTHER: "File",
}
STATES = {
    State.PENDING: "not sent completely",
    State.QUARANTINED: "being checked",
    State.CHECKED: "being scanned for viruses",
    State.FINAL: "checked",
    State.REFUSED: "refused",
}
FOR = {
    Purpose.DELIVERY: "a delivery",
    Purpose.CHAT: "a message",
    Purpose.BRIEF: "the brief of a booking",
    Purpose.EVIDENCE: "a dispute",
}


def size_words(count: int) -> str:
    """'812 bytes', '96 kB' or '1.2 MB'."""
    if count < 1000:
        return f"{count}{NO_BREAK}{'byte' if count == 1 else 'bytes'}"
    if count < 999_500:
        return f"{round(count / 1000)}{NO_BREAK}kB"
    return f"{count / 1_000_000:.1f}{NO_BREAK}MB"


def file_icon(file: StoredFile) -> str:
    """The name of the icon."""
    if file.state is State.REFUSED:
        return "file-x"
    return ICONS.get(file.contents.kind, "file-text")


def file_facts(file: StoredFile) -> str:
    """'Image, 1600 × 900, 96 kB, checked'."""
    return ", ".join((*_about(file), size_words(file.size), STATES[file.state]))


def _about(file: StoredFile) -> Iterator[str]:
    if not file.attempt:
        return
    contents = file.contents
    yield KINDS[contents.kind]
    yield from _measures(contents)


def _measures(contents: Contents) -> Iterator[str]:
    if contents.width and contents.height:
        yield f"{contents.width}{NO_BREAK}×{NO_BREAK}{contents.height}"
    if contents.pages:
        yield f"{contents.pages}{NO_BREAK}{'page' if contents.pages == 1 else 'pages'}"
    if contents.entry_count:
        files = "file" if contents.entry_count == 1 else "files"
        yield f"{contents.entry_count}{NO_BREAK}{files}"
        yield f"{size_words(contents.unpacked_size)} unpacked"
