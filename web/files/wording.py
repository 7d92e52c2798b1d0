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
    Purpose.EVIDENCE: "a case",
}


def size_words(count: int) -> str:
    """'812 bytes', '96 kB' or '1.2 MB'."""
    if count < 1000:
        return f"{count}{NO_BREAK}{'byte' if count == 1 else 'bytes'}"
    if count < 999_500:
        return f"{round(count / 1000)}{NO_BREAK}kB"
    return f"{count / 1_000_000:.1f}{NO_BREAK}MB"


def limit_words(count: int) -> str:
    """'104 MB': what a file may have, rounded down."""
    megabytes = count // 1_000_000
    return f"{megabytes}{NO_BREAK}MB" if megabytes else size_words(count)


def file_icon(file: StoredFile) -> str:
    """The name of the icon."""
    if file.state is State.REFUSED:
        return "file-x"
    return ICONS.get(file.contents.kind, "file-text")


def file_facts(file: StoredFile, stated: bool = True) -> str:
    """'Image, 1600 × 900, 96 kB, checked'; the last word only if it is to be `stated`."""
    return ", ".join(_facts(file, stated))


def _facts(file: StoredFile, stated: bool) -> Iterator[str]:
    contents = file.contents
    if file.attempt:
        yield KINDS[contents.kind]
        yield from _measures(contents)
    yield size_words(file.size)
    if contents.unpacked_size:
        yield f"{size_words(contents.unpacked_size)} unpacked"
    if stated:
        yield STATES[file.state]


def _measures(contents: Contents) -> Iterator[str]:
    if contents.width and contents.height:
        yield f"{contents.width}{NO_BREAK}×{NO_BREAK}{contents.height}"
    if contents.pages:
        yield f"{contents.pages}{NO_BREAK}{'page' if contents.pages == 1 else 'pages'}"
    if contents.entry_count:
        files = "file" if contents.entry_count == 1 else "files"
        yield f"{contents.entry_count}{NO_BREAK}{files}"
