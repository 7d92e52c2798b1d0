"""What a build may copy from the repository, by `.dockerignore`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tests.deploy import ROOT

LARGE = {".git", ".venv", "node_modules", ".mypy_cache", ".hypothesis", "__pycache__"}
"""Folders that are not searched. All are ignored: `test_deploy_image.py` checks that."""


def context_files() -> Iterator[Path]:
    """Every file that is not ignored, relative to the repository."""
    patterns = ignore_patterns()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in LARGE]
        at = Path(folder).relative_to(ROOT)
        yield from (at / name for name in files if not is_ignored(at / name, patterns))


def ignore_patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def is_ignored(path: Path, patterns: list[str]) -> bool:
    """The last line that names the path, or a folder above it, decides."""
    ignored = False
    for pattern in patterns:
        if any(_names(pattern.removeprefix("!"), part) for part in (path, *path.parents)):
            ignored = not pattern.startswith("!")
    return ignored


def _names(pattern: str, path: Path) -> bool:
    """`*` is any name, `**/` at the beginning is any number of folders."""
    if pattern.startswith("**/"):
        return fnmatchcase(path.name, pattern.removeprefix("**/"))
    wanted = Path(pattern).parts
    pairs = zip(path.parts, wanted, strict=False)
    return len(path.parts) == len(wanted) and all(fnmatchcase(*pair) for pair in pairs)
