"""Generates a secret once and stores it in a file, for development."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from ports.settings import WrongSetting


def stored_secret(path: Path, *, minimum: int) -> str:
    """The secret in this file. The first call generates it; only the owner can read the file.

    Raises `WrongSetting` if the file cannot be read or has fewer than `minimum` characters. It is
    not replaced then, because what was made with the lost key would become useless unnoticed.
    """
    try:
        if not path.exists():
            _create(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if len(secret) < minimum:
        raise WrongSetting(
            f"The file {path} must hold the secret key of this data, {minimum} or more characters."
            " Restore it; or delete it to log everybody out and start with a new key."
        )
    return secret


def _create(path: Path) -> None:
    with NamedTemporaryFile("w", dir=path.parent) as draft:  # its mode is 0600
        draft.write(secrets.token_urlsafe(48))
        draft.flush()
        with suppress(FileExistsError):  # two processes at once: both use the first key
            os.link(draft.name, path)
