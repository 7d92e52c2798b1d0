"""`onehour admin create`: an administrator, made by who may log in to the machine."""

from __future__ import annotations

import asyncio
import sys
from getpass import getpass

from core.accounts import Account
from onehour.container import build, close
from onehour.settings import Settings


def main(settings: Settings, *, email: str, name: str, timezone: str) -> None:
    """Asks for the password, or reads it from standard input, so that it stands in no history.
    Raises `Invalid` or `EmailTaken`."""
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    account = asyncio.run(_create(settings, email, name, timezone, password))
    print(f"{account.email} is an administrator. Log-ins ask for a code that is mailed there.")


async def _create(
    settings: Settings, email: str, name: str, timezone: str, password: str
) -> Account:
    container = build(settings)
    try:
        return await container.services().administration.create(
            name=name, email=email, password=password, timezone=timezone
        )
    finally:
        await close(container)
