"""Sending what people are told by mail, once for each fact."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.accounts import AccountEmail, AccountId, ResetEmail
from core.bookings import BookingId
from core.jobs import JobId
from core.letters import Letter
from core.notifications import BookingEmail
from core.suppressions import Suppression, mark
from ports.clock import Clock
from ports.mail import AddressRefused, Mailer, MailRefused, Message
from ports.store import Store
from services.accounts import emails as account_letters
from services.accounts.codes import CodeGenerator
from services.accounts.emails import AccountMail
from services.accounts.passwords import PasswordService
from services.notifications.booking_emails import LETTERS, REPEATING, Telling
from services.notifications.layout import as_html, as_text
from services.shared.outbox import handles

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationService:
    """Effect handlers: each sends one mail, whose id is always the same for the same fact.

    A server that is away, or wants us later, raises `MailUnavailable` out of them: the relay
    tries again after ever longer waits. What is refused for good ends here (F53, F54).
    """

    store: Store
    mailer: Mailer
    codes: CodeGenerator
    passwords: PasswordService
    clock: Clock
    site: str

    @handles(BookingEmail)
    async def send_booking_email(self, payload: BookingEmail) -> None:
        await self.about_booking(payload.encode())

    @handles(AccountEmail)
    async def send_account_email(self, payload: AccountEmail) -> None:
        await self.about_account(payload.encode())

    @handles(ResetEmail)
    async def send_reset_email(self, payload: ResetEmail) -> None:
        await self.reset_password(payload.encode())

    async def about_booking(self, payload: Mapping[str, str]) -> None:
        repositories = self.store.repositories
        booking = await repositories.bookings.get(BookingId(payload["booking"]))
        reader = await repositories.accounts.get(AccountId(payload["account"]))
        if reader.erased:
            return
        job = await repositories.jobs.get(JobId(booking.job_id)) if booking.job_id else None
        telling = Telling(booking, job, reader, f"{self.site}/bookings/{booking.id}")
        name = payload["letter"]
        fact = f"{booking.id}.{name}.{reader.id}"
        if name in REPEATING and job:
            fact += f".{job.version}"
        await self._send(reader.email, fact, LETTERS[name](telling))

    async def about_account(self, payload: Mapping[str, str]) -> None:
        mail, email = AccountMail(self.site, payload), payload["email"]
        letter = payload["letter"]
        if letter == "code":
            await self._send_code(mail, email)
            return
        fact = payload.get("fact") or mark(email)
        awaited = letter == "already_registered"
        await self._send(
            email, f"{letter}.{fact}", account_letters.LETTERS[letter](mail), awaited=awaited
        )

    async def _send_code(self, mail: AccountMail, email: str) -> None:
        """Unless its time is over: a code that opens nothing only confuses."""
        if self.clock.now() >= datetime.fromisoformat(mail.facts["expires"]):
            log.info("a code for address %s has ended before it could be sent", mark(email))
            return
        digits = self.codes.code(mail.facts["code"], mail.facts["nonce"])
        fact = f"code.{mail.facts['nonce']}"
        await self._send(email, fact, account_letters.code(mail, digits), awaited=True)

    async def reset_password(self, payload: Mapping[str, str]) -> None:
        """A link for the owner of the address; for an address nobody has, nothing."""
        email, nonce = payload["email"], payload["nonce"]
        account = await self.store.repositories.accounts.find_by_email(email)
        if account is None or account.suspended:
            return
        mail = AccountMail(self.site, {**payload, "zone": account.timezone})
        if account.email_verified:
            link = await self.passwords.keep_link(account, nonce)
            letter = account_letters.reset(mail, link)
        else:
            letter = account_letters.unconfirmed(mail)
        await self._send(email, f"reset.{nonce}", letter, awaited=True)

    async def _send(self, to: str, fact: str, letter: Letter, *, awaited: bool = False) -> None:
        """Hand over one letter; `awaited` when a person looks for it this very moment.

        An address that was refused gets no more mail but what is awaited, whose reader says by
        asking that the mailbox is there; once that is taken, the address is off the list.
        Raises `MailUnavailable`. Logs name an address by its `mark` alone.
        """
        suppressions = self.store.repositories.suppressions
        listed = await suppressions.find(to)
        if listed and not awaited:
            log.info("mail %s is left out: address %s is suppressed", fact, mark(to))
            return
        try:
            await self.mailer.send(_message(to, fact, letter))
        except AddressRefused as error:
            log.warning("address %s is suppressed: %s", mark(to), error)
            await suppressions.add(Suppression(to, error.message, self.clock.now()))
        except MailRefused as error:  # its content, of which the address is innocent
            log.warning("mail %s to address %s is refused for good: %s", fact, mark(to), error)
        else:
            if listed:
                await suppressions.remove(to)


def _message(to: str, fact: str, letter: Letter) -> Message:
    return Message(
        id=fact.replace(":", "."),
        to=to,
        subject=letter.subject,
        text=as_text(letter),
        html=as_html(letter),
    )
