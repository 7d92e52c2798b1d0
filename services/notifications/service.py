"""Sends notices by e-mail, each fact once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from core.accounts import AccountEmail, AccountId, ResetEmail
from core.bookings import BookingId
from core.codes import Purpose
from core.jobs import JobId
from core.notifications import BookingEmail
from core.suppressions import Suppression, address_hash
from ports.clock import Clock
from ports.mail import AddressRefused, Mailer, MailRefused, Message
from ports.store import Store
from ports.templates import Email, Templates
from services.accounts import ChangeEmail, CodeEmail, CodeGenerator, LinkEmail, PasswordService
from services.bookings import BookingContext
from services.shared.notices import Notice
from services.shared.outbox import handles

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationService:
    """Outbox handlers: each sends one e-mail, whose id is always the same for the same fact.

    A mail server that does not answer, or asks to come back later, raises `MailUnavailable`: the
    relay tries again after growing waits. What is refused for good is not repeated.
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
        """Raises `MailUnavailable`; does nothing for an account that is erased."""
        repositories = self.store.repositories
        booking = await repositories.bookings.get(BookingId(payload.booking))
        reader = await repositories.accounts.get(AccountId(payload.account))
        if reader.erased:
            return
        job = await repositories.jobs.get(JobId(booking.job_id)) if booking.job_id else None
        notice = self.notices[payload.letter]
        fact = f"{booking.id}.{notice.name}.{reader.id}"
        if notice.repeats and job:
            fact += f".{job.version}"
        context = BookingContext.for_reader(reader, booking, job, site=self.site)
        email = self.templates.email(notice.template, context, zone=reader.timezone)
        await self._send(reader.email, fact, email)

    @handles(AccountEmail)
    async def send_about_account(self, payload: AccountEmail) -> None:
        """Raises `MailUnavailable`."""
        if payload.letter == "code":
            await self._send_code(payload)
            return
        awaited = payload.letter == "already_registered"
        context: LinkEmail | ChangeEmail = LinkEmail(self.site)
        if not awaited:
            context = ChangeEmail(self.site, payload.at or self.clock.now(), payload)
        email = self.templates.email(f"accounts/{payload.letter}", context, zone=payload.zone)
        fact = payload.fact or address_hash(payload.email)
        await self._send(payload.email, f"{payload.letter}.{fact}", email, awaited=awaited)

    async def _send_code(self, payload: AccountEmail) -> None:
        """Unless it has expired: a code that cannot be used only confuses."""
        expires = payload.expires
        if expires is None or self.clock.now() >= expires:
            log.info(
                "a code for address %s expired before it was sent", address_hash(payload.email)
            )
            return
        digits = self.codes.code(payload.code, payload.nonce)
        context = CodeEmail(digits, Purpose(payload.purpose), expires)
        email = self.templates.email("accounts/code", context, zone=payload.zone)
        await self._send(payload.email, f"code.{payload.nonce}", email, awaited=True)

    @handles(ResetEmail)
    async def send_reset_link(self, payload: ResetEmail) -> None:
        """A link for the owner of the address; does nothing for unknown addresses."""
        account = await self.store.repositories.accounts.find_by_email(payload.email)
        if account is None or account.suspended:
            return
        name, context = "unconfirmed", LinkEmail(self.site)
        if account.email_verified:
            token = await self.passwords.store_link(account, payload.nonce)
            name, context = "reset", LinkEmail(self.site, token)
        email = self.templates.email(f"accounts/{name}", context, zone=account.timezone)
        await self._send(payload.email, f"reset.{payload.nonce}", email, awaited=True)

    async def _send(self, to: str, fact: str, email: Email, *, awaited: bool = False) -> None:
        """Hand over one e-mail; `awaited` when its reader has just asked for it.

        A suppressed address gets only awaited e-mails: whoever asks for one says that the
        mailbox exists. When the server takes it, the suppression ends. Raises `MailUnavailable`.
        Logs contain only the hash of an address.
        """
        suppressions = self.store.repositories.suppressions
        listed = await suppressions.find(to)
        if listed and not awaited:
            log.info("mail %s is left out: address %s is suppressed", fact, address_hash(to))
            return
        try:
            await self.mailer.send(_message(to, fact, email))
        except AddressRefused as error:
            log.warning("address %s is suppressed: %s", address_hash(to), error)
            await suppressions.add(Suppression(to, error.message, self.clock.now()))
        except MailRefused as error:  # its content, of which the address is innocent
            log.warning(
                "mail %s to address %s is refused for good: %s", fact, address_hash(to), error
            )
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
