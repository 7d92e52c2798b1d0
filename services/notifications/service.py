"""Sends notices by e-mail, each with a deterministic id so that it is sent once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from core.accounts import AccountId
from core.accounts_messages import AccountEmail, ResetEmail
from core.bookings import BookingId
from core.codes import Purpose
from core.jobs import JobId
from core.notifications import BookingEmail
from core.payments import PaymentId
from core.suppressions import Suppression, address_hash
from ports.clock import Clock
from ports.mail import AddressRefused, Mailer, MailRefused, Message
from ports.store import Store
from ports.templates import Email, Templates
from services.accounts import (
    ChangeEmail,
    CodeEmail,
    CodeGenerator,
    LinkEmail,
    PasswordService,
    find_account,
)
from services.bookings import BookingContext
from services.shared.notices import Notice
from services.shared.outbox import handles
from services.timeline import BookingDetails

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationService:
    """Outbox handlers: each sends one e-mail, with the same id for the same fact.

    Raises `MailUnavailable` for a mail server that is unavailable or refuses temporarily; the
    relay retries with exponential backoff. A permanent refusal is not retried.
    """

    store: Store
    mailer: Mailer
    templates: Templates
    codes: CodeGenerator
    passwords: PasswordService
    notices: Mapping[str, Notice]
    clock: Clock
    site: str

    @handles(BookingEmail)
    async def send_about_booking(self, payload: BookingEmail) -> None:
        """Send a notice about a booking. Does nothing for an erased account. Raises
        `MailUnavailable`."""
        repositories = self.store.repositories
        booking = await repositories.bookings.get(BookingId(payload.booking))
        reader = await repositories.accounts.get(AccountId(payload.account))
        if reader.erased:
            return
        job = await repositories.jobs.get(JobId(booking.job_id)) if booking.job_id else None
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        entries = await repositories.timeline.of_booking(booking.id)
        notice = self.notices[payload.letter]
        fact = f"{booking.id}.{notice.name}.{reader.id}"
        if notice.repeats:  # a message of an earlier version has no fact
            fact += f".{payload.fact or (job.version if job else 0)}"
        context = BookingContext.for_reader(
            reader,
            BookingDetails(booking, payment, job, (), entries, self.clock.now()),
            notice=notice.name,
            site=self.site,
            now=self.clock.now(),
            entry=payload.fact,
        )
        email = self.templates.email(notice.template, context, zone=reader.timezone)
        await self._send(reader.email, fact, email)

    @handles(AccountEmail)
    async def send_about_account(self, payload: AccountEmail) -> None:
        """Send an e-mail about an account. Raises `MailUnavailable`."""
        if payload.letter == "code":
            await self._send_code(payload)
            return
        requested = payload.letter == "already_registered"
        context: LinkEmail | ChangeEmail = LinkEmail(self.site)
        if not requested:
            context = ChangeEmail(self.site, payload.at or self.clock.now(), payload)
        email = self.templates.email(f"accounts/{payload.letter}", context, zone=payload.zone)
        fact = payload.fact or address_hash(payload.email)
        await self._send(payload.email, f"{payload.letter}.{fact}", email, requested=requested)

    async def _send_code(self, payload: AccountEmail) -> None:
        """Does nothing for an expired code."""
        expires = payload.expires
        if expires is None or self.clock.now() >= expires:
            log.info(
                "a code for address %s expired before it was sent", address_hash(payload.email)
            )
            return
        digits = self.codes.code(payload.code, payload.nonce)
        context = CodeEmail(digits, Purpose(payload.purpose), expires)
        email = self.templates.email("accounts/code", context, zone=payload.zone)
        await self._send(payload.email, f"code.{payload.nonce}", email, requested=True)

    @handles(ResetEmail)
    async def send_reset_link(self, payload: ResetEmail) -> None:
        """Send a reset link to the owner of the address. Does nothing for unknown addresses and
        suspended accounts. Raises `MailUnavailable`."""
        account = await find_account(self.store.repositories, payload.email)
        if account is None or account.suspended:
            return
        name, context = "unconfirmed", LinkEmail(self.site)
        if account.email_verified:
            token = await self.passwords.store_link(account, payload.nonce)
            name, context = "reset", LinkEmail(self.site, token)
        email = self.templates.email(f"accounts/{name}", context, zone=account.timezone)
        await self._send(payload.email, f"reset.{payload.nonce}", email, requested=True)

    async def _send(self, to: str, fact: str, email: Email, *, requested: bool = False) -> None:
        """Send one e-mail; `requested`: its reader has just asked for it.

        A suppressed address gets only requested e-mails. When the server accepts one, the
        suppression is removed. Raises `MailUnavailable`. Logs contain only the hash of an
        address.
        """
        suppressions = self.store.repositories.suppressions
        listed = await suppressions.find(to)
        if listed and not requested:
            log.info("e-mail %s is not sent: address %s is suppressed", fact, address_hash(to))
            return
        try:
            await self.mailer.send(_message(to, fact, email))
        except AddressRefused as error:
            log.warning("address %s is suppressed: %s", address_hash(to), error)
            await suppressions.add(Suppression(to, error.message, self.clock.now()))
        except MailRefused as error:  # because of its content, so the address is not suppressed
            log.warning("e-mail %s to address %s was refused: %s", fact, address_hash(to), error)
        else:
            if listed:
                await suppressions.remove(to)


def _message(to: str, fact: str, email: Email) -> Message:
    return Message(
        id=fact.replace(":", "."),
        to=to,
        subject=email.subject,
        text=email.text,
        html=email.html,
    )
