"""Every e-mail the application can send, rendered by the services for readers in two time zones.

`python -m tests.services.emails` rewrites the golden files after a deliberate change of wording.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from core.accounts import Account, AccountId, Role
from core.bookings import Booking
from core.codes import Purpose
from core.outbox import OutboxId, OutboxMessage
from ports.mail import Message
from tests.app import CALLER, PASSWORD, MemoryApp

GOLDEN = Path(__file__).parent / "golden_emails"
MADRID = "Europe/Madrid"
BRIEF = 'Our <report> takes "38 seconds" & costs $title.'
REASON = "I am ill; it’s <b>bad</b>."
BOOKING_EMAILS = (
    "requested paid paid_too_late remind_answer accepted declined cancelled auto_cancelled "
    "delivered remind_review remind_delivery changes_requested released approved not_delivered "
    "refunded"
).split()
WITH_REASON = ("declined", "cancelled")
CHANGES: Mapping[str, dict[str, str]] = {
    "password_changed": {},
    "email_changed": {"new": "meera.k@example.com"},
    "two_factor_on": {},
    "two_factor_off": {},
    "totp_on": {},
    "totp_off": {},
    "recovery_codes_made": {},
    "recovery_code_used": {"left": "7"},
    "token_reused": {},
    "identity_linked": {"provider": "GitHub"},
    "identity_unlinked": {"provider": "GitHub"},
    "erased": {},
    "already_registered": {},
}
"""The notices of a change, each with the facts beside the time."""


@dataclass(frozen=True)
class Scene:
    """A client in India and a developer in Spain, with a booking that was delivered once."""

    app: MemoryApp
    client: Account
    developer: Account
    booking: Booking

    async def render(self, kind: str, payload: dict[str, str]) -> Message:
        """The one e-mail that the outbox handler sends for this payload."""
        sent = len(self.app.mailer.sent)
        stored = OutboxMessage(OutboxId(f"test:{kind}"), kind, self.app.clock.now(), payload)
        await self.app.services.outbox.handlers[kind](stored)
        (message,) = self.app.mailer.sent[sent:]
        return message

    async def about_booking(self, name: str, reader: Account) -> Message:
        payload = {"letter": name, "booking": self.booking.id, "account": reader.id}
        return await self.render("notifications.mail", payload)

    async def about_account(self, name: str, zone: str, **facts: str) -> Message:
        payload = {
            "letter": name,
            "email": self.client.email,
            "at": self.app.clock.now().isoformat(),
            "zone": zone,
        }
        return await self.render("accounts.mail", {**payload, **facts})


async def scene() -> Scene:
    app = MemoryApp()
    client, _ = await app.client()
    profile = await app.developer()
    repositories = app.store.repositories
    account = await repositories.accounts.get(AccountId(profile.account_id))
    await repositories.accounts.save(replace(account, timezone=MADRID))
    job = await app.delivered(client, profile)
    booking = await app.booking(job.booking_id)
    in_madrid = replace(booking.developer, timezone=MADRID)
    await repositories.bookings.save(replace(booking, brief=BRIEF, developer=in_madrid))
    developer = await repositories.accounts.get(account.id)
    return Scene(app, client, developer, await app.booking(booking.id))


async def every_email() -> dict[str, Message]:
    """Every message, by the name of its golden files without their endings."""
    here = await scene()
    return {
        **await _about_bookings(here),
        **await _codes(here),
        **await _changes(here),
        **await _resets(here),
    }


async def _about_bookings(here: Scene) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for reader, account in (("client", here.client), ("developer", here.developer)):
        for name in BOOKING_EMAILS:
            found[f"bookings.{name}.{reader}"] = await here.about_booking(name, account)
    await here.app.store.repositories.bookings.save(replace(here.booking, reason=REASON))
    for name in WITH_REASON:
        found[f"bookings.{name}.reason"] = await here.about_booking(name, here.client)
    return found


async def _codes(here: Scene) -> dict[str, Message]:
    expires = here.app.clock.now() + timedelta(minutes=10)
    return {
        f"accounts.code.{purpose}": await here.about_account(
            "code",
            MADRID,
            purpose=purpose,
            code=f"{purpose}:acc",
            nonce="a nonce",
            expires=expires.isoformat(),
        )
        for purpose in Purpose
        if purpose is not Purpose.RESET
    }


async def _changes(here: Scene) -> dict[str, Message]:
    return {
        f"accounts.{name}.{city}": await here.about_account(name, zone, **facts)
        for name, facts in CHANGES.items()
        for city, zone in (("kolkata", "Asia/Kolkata"), ("madrid", MADRID))
    }


async def _resets(here: Scene) -> dict[str, Message]:
    at = here.app.clock.now().isoformat()
    unconfirmed = await here.app.services.accounts.register(
        role=Role.CLIENT, name="Ravi Rao", email="ravi@example.com", password=PASSWORD,
        timezone=MADRID, caller=CALLER,
    )  # fmt: skip
    return {
        name: await here.render(
            "accounts.reset", {"email": email, "nonce": f"nonce of {email}", "at": at}
        )
        for name, email in (
            ("accounts.reset", here.client.email),
            ("accounts.unconfirmed", unconfirmed.email),
        )
    }


def as_files(name: str, message: Message) -> dict[str, str]:
    """Content by file name; the subject is the first line of the text's file."""
    return {
        f"{name}.txt": f"Subject: {message.subject}\n\n{message.text}",
        f"{name}.html": message.html,
    }


def write_golden_files() -> None:
    for old in GOLDEN.glob("*.*"):
        old.unlink()
    for name, message in asyncio.run(every_email()).items():
        for file, content in as_files(name, message).items():
            (GOLDEN / file).write_text(content, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_golden_files()
