"""`onehour bounces`: takes one mail that came back, as a mail server or fetchmail passes it on."""

from __future__ import annotations

import asyncio
import sys

from onehour.container import build, close
from onehour.settings import Settings
from ports.mail import ForgedReport

LONGEST = 1 << 20
"""Bytes that are read; a report stands at the beginning."""


def main(settings: Settings) -> None:
    """Reads the mail from standard input, and prints what became of it. A mail that is no answer to
    one of ours changes nothing and is no failure: mail servers would send it back."""
    print(asyncio.run(_receive(settings, sys.stdin.buffer.read(LONGEST))))


async def _receive(settings: Settings, mail: bytes) -> str:
    container = build(settings)
    try:
        return await container.services().mail_reports.returned(mail)
    except ForgedReport:
        return "It is no answer to a mail of this site."
    finally:
        await close(container)
