"""`onehour admin create`: creates an administrator, for operators with shell access."""

from __future__ import annotations

import asyncio
import sys
from getpass import getpass

from core.accounts import Account
from onehour.container import build, close
from onehour.settings import Settings


def main(settings: Settings, *, email: str, name: str, timezone: str) -> None:
    """Asks for the password, or reads it from standard input, so that no shell history contains it.

    `timezone` is an IANA name. Raises `Invalid` for a weak password or an unknown time zone, and
    `EmailTaken` if the address has an account.
    """
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    account = asyncio.run(_create(settings, email, name, timezone, password))
    print(f"Administrator {account.email} created. Each log-in needs a code sent to that address.")


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
