"""Sends e-mails, each with a deterministic id so that a repeat is recognised."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from core.accounts import Account, AccountId
from core.accounts_messages import AccountEmail, ResetEmail
from core.codes import Purpose
from core.notifications import EmailDelivery
from core.suppressions import Suppression, address_hash
from ports.clock import Clock
from ports.mail import AddressRefused, Attachment, Mailer, MailRefused, Message
from ports.store import Store
from ports.templates import Choice, Email, Templates
from services.accounts import (
    ChangeEmail,
    CodeEmail,
    CodeGenerator,
    LinkEmail,
    PasswordService,
    find_account,
)
from services.calendars import InvitationService
from services.notifications.contexts import NoticeContexts
from services.notifications.details import booking_details
from services.notifications.documents import NOTIFICATIONS
from services.notifications.notifying import Fact, Notifier
from services.shared.notices import SECURITY, Notice, NoticeGroup
from services.shared.outbox import handles

log = logging.getLogger(__name__)


def _sentence(group: NoticeGroup) -> str:
    """What the reader can choose."""
    if group.always:
        return f"E-mails of this kind are always on: {group.always}."
    return "You choose which e-mails you get, and when."


ALWAYS = Choice(_sentence(SECURITY))
"""Of e-mails about the account, which may go to somebody who cannot log in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSender:
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
    contexts: NoticeContexts
    notifier: Notifier
    invitations: InvitationService
    clock: Clock
    site: str

    @handles(EmailDelivery)
    async def deliver(self, payload: EmailDelivery) -> None:
        """Send a notice. Does nothing for an erased account. Raises `MailUnavailable`."""
        notice, repositories = self.notices[payload.notice], self.store.repositories
        if notice.unless_read and await self._was_read(payload):
            return
        reader = await repositories.accounts.get(AccountId(payload.account))
        if reader.erased:
            return
        context = await self.contexts.read(payload, reader)
        if context is not None:
            email = self.templates.email(
                notice.template, context, zone=reader.timezone, choice=self._choice(notice.group)
            )
            attachments = await self._invitation(notice, payload, reader)
            await self._send(reader.email, payload.key, email, attachments=attachments)

    async def _invitation(
        self, notice: Notice, payload: EmailDelivery, reader: Account
    ) -> tuple[Attachment, ...]:
        if not (notice.invites and payload.booking):
            return ()
        details = await booking_details(self.store, self.clock, payload.booking)
        return self.invitations.attachments(details.booking, details.entries, reader)

    async def _was_read(self, payload: EmailDelivery) -> bool:
        entry = await self.store.repositories.documents(NOTIFICATIONS).find(payload.key)
        return entry is not None and entry.read_at is not None

    @handles(AccountEmail)
    async def send_about_account(self, payload: AccountEmail) -> None:
        """Send an e-mail about an account, and add the fact to its list. Raises
        `MailUnavailable`."""
        if payload.letter == "code":
            await self._send_code(payload)
            return
        if payload.account and payload.letter in self.notices:
            await self.notifier.notify(self._entry(payload))
        requested = payload.letter == "already_registered"
        context: LinkEmail | ChangeEmail = LinkEmail(self.site)
        if not requested:
            context = ChangeEmail(self.site, payload.at or self.clock.now(), payload)
        email = self.templates.email(
            f"accounts/{payload.letter}", context, zone=payload.zone, choice=ALWAYS
        )
        fact = payload.fact or address_hash(payload.email)
        await self._send(payload.email, f"{payload.letter}.{fact}", email, requested=requested)

    def _choice(self, group: NoticeGroup) -> Choice:
        return Choice(_sentence(group), f"{self.site}/notifications/preferences")

    def _entry(self, payload: AccountEmail) -> Fact:
        return Fact(
            key=f"{payload.fact}.{payload.letter}.{payload.account}",
            notice=self.notices[payload.letter],
            account=AccountId(payload.account),
            subject=payload.left or payload.provider,
            fact=payload.fact,
        )

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
        email = self.templates.email("accounts/code", context, zone=payload.zone, choice=ALWAYS)
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
        email = self.templates.email(
            f"accounts/{name}", context, zone=account.timezone, choice=ALWAYS
        )
        await self._send(payload.email, f"reset.{payload.nonce}", email, requested=True)

    async def _send(
        self,
        to: str,
        fact: str,
        email: Email,
        *,
        requested: bool = False,
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
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
            await self.mailer.send(_message(to, fact, email, attachments))
        except AddressRefused as error:
            log.warning("address %s is suppressed: %s", address_hash(to), error)
            await suppressions.add(Suppression(to, error.message, self.clock.now()))
        except MailRefused as error:  # because of its content, so the address is not suppressed
            log.warning("e-mail %s to address %s was refused: %s", fact, address_hash(to), error)
        else:
            if listed:
                await suppressions.remove(to)


def _message(to: str, fact: str, email: Email, attachments: tuple[Attachment, ...]) -> Message:
    return Message(
        id=fact.replace(":", "."),
        to=to,
        subject=email.subject,
        text=email.text,
        html=email.html,
        attachments=attachments,
    )
