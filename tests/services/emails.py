"""Every e-mail the application can send, rendered by the services for readers in two time zones.

`python -m tests.services.emails` rewrites the golden files after a deliberate change of wording.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from core.accounts import Account, Role
from core.codes import Purpose
from core.outbox import OutboxId, OutboxMessage
from ports.mail import Message
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.booking_emails import MADRID, every_booking_email
from tests.services.chargeback_emails import every_chargeback_email
from tests.services.dispute_emails import every_dispute_email
from tests.services.reminder_emails import every_reminder_email
from tests.services.reschedule_emails import every_reschedule_email
from tests.services.withdrawal_emails import every_withdrawal_email

GOLDEN = Path(__file__).parent / "golden_emails"
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
    """A client in India."""

    app: MemoryApp
    client: Account

    async def render(self, kind: str, payload: dict[str, str]) -> Message:
        """The one e-mail that the outbox handler sends for this payload."""
        sent = len(self.app.mailer.sent)
        stored = OutboxMessage(OutboxId(f"test:{kind}"), kind, self.app.clock.now(), payload)
        await self.app.services.outbox.handlers[kind](stored)
        (message,) = self.app.mailer.sent[sent:]
        return message

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
    return Scene(app, client)


async def every_email() -> dict[str, Message]:
    """Every message, by the name of its golden files without their endings."""
    here = await scene()
    return {
        **await every_booking_email(),
        **await every_chargeback_email(),
        **await every_dispute_email(),
        **await every_reschedule_email(),
        **await every_reminder_email(),
        **await every_withdrawal_email(),
        **await _codes(here),
        **await _changes(here),
        **await _resets(here),
        **await _unread(here),
        **await _switched_off(here),
    }


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


async def _unread(here: Scene) -> dict[str, Message]:
    """One and several messages of a developer, which stay unread."""
    lucia = await here.app.developer()
    chat = await here.app.services.chats.open_with_developer(lucia.id, by=here.client.id)
    found = dict[str, Message]()
    for name, texts in {"one": ("Good morning.",), "two": ("Are you there?",)}.items():
        for text in texts:
            await here.app.services.messages.send(
                chat.id, by=lucia.account_id, body=text, client_id=here.app.ids.new("local")
            )
        await here.app.services.chat_summaries.settle()
        await here.app.pass_time(timedelta(hours=5))
        found[f"chats.unread_messages.{name}"] = here.app.mailer.sent[-1]
    return found


async def _switched_off(here: Scene) -> dict[str, Message]:
    """A plugin that failed too often."""
    states = here.app.services.plugin_states
    await here.app.admin()
    for _ in range(states.policy.plugin_failures):
        await states.failed("coupons", "onehour_may_book: ZeroDivisionError('no coupons')")
    await here.app.run()
    return {"extensions.switched_off": here.app.mailer.sent[-1]}


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
