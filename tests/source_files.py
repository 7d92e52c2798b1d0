"""The files of the repository that are ours, for tests that read all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

OF_OTHERS = {"node_modules", ".installed", "vendor", "__pycache__"}
"""Folders that are not searched. Meanwhile another process may write and remove files in them."""


def files_below(folder: Path) -> Iterator[Path]:
    """In no order. Programs of others, and what Python has compiled, are left out."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in OF_OTHERS]
        yield from (Path(parent, name) for name in files)
