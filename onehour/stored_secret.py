"""Generates a secret once and stores it in a file, for development."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def stored_secret(path: Path) -> str:
    """The secret in this file. The first call generates it; only the owner can read the file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent) as draft:  # its mode is 0600
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with suppress(FileExistsError):  # two processes at once: both use the first key
                os.link(draft.name, path)
    return path.read_text()
