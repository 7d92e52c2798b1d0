"""Folders below one root, opened one inside the other, so that no symbolic link is followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o700
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@contextmanager
def folder(root: Path, *names: str, create: bool = False) -> Iterator[int]:
    """A file descriptor of the folder `names` below `root`, for `dir_fd`. Only the root itself may
    be a symbolic link. New folders are durable. Raises `OSError`; `FileNotFoundError` means that
    there is none."""
    if create:
        root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    current = os.open(root, _FOLDER)
    try:
        for name in names:
            inner = _opened(name, current, create=create)
            os.close(current)
            current = inner
        yield current
    finally:
        os.close(current)


def _opened(name: str, parent: int, *, create: bool) -> int:
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):
        os.mkdir(name, PRIVATE, dir_fd=parent)
    os.fsync(parent)
    return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)


def remove_folder(name: str, parent: int) -> None:
    """Remove a folder that has files only. Symbolic links in it are removed, not followed."""
    with suppress(FileNotFoundError):
        inner = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
        try:
            for each in os.listdir(inner):
                with suppress(FileNotFoundError):
                    os.unlink(each, dir_fd=inner)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=parent)
