"""Sending what people are told by mail, once for each fact."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.accounts import AccountId
from core.bookings import BookingId
from core.formats import NO_BREAK, at
from core.jobs import JobId
from core.letters import Letter
from ports.mail import Mailer, MailRefused, Message
from ports.store import Store
from services.booking_letters import LETTERS, REPEATING, Telling
from services.codes import CodeMaker
from services.letters import as_html, as_text

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NotificationService:
    """Effect handlers: each sends one mail, whose id is always the same for the same fact."""

    store: Store
    mailer: Mailer
    codes: CodeMaker
    site: str

    async def about_booking(self, payload: Mapping[str, str]) -> None:
        books = self.store.books
        booking = await books.bookings.get(BookingId(payload["booking"]))
        reader = await books.accounts.get(AccountId(payload["account"]))
        job = await books.jobs.get(JobId(booking.job_id)) if booking.job_id else None
        telling = Telling(booking, job, reader, f"{self.site}/bookings/{booking.id}")
        name = payload["letter"]
        fact = f"{booking.id}.{name}.{reader.id}"
        if name in REPEATING and job:
            fact += f".{job.version}"
        await self._send(reader.email, fact, LETTERS[name](telling))

    async def about_account(self, payload: Mapping[str, str]) -> None:
        email = payload["email"]
        if payload["letter"] == "already_registered":
            await self._send(email, f"known.{email}", self._already_registered())
            return
        code = self.codes.code(payload["code"], payload["nonce"])
        account = await self.store.books.accounts.find_by_email(email)
        zone = account.timezone if account else "UTC"
        expires = datetime.fromisoformat(payload["expires"])
        letter = _code(f"{code[:3]}{NO_BREAK}{code[3:]}", zone, expires)
        await self._send(email, f"code.{payload['nonce']}", letter)

    def _already_registered(self) -> Letter:
        return Letter(
            "You already have an account",
            (
                "Somebody, probably you, tried to register with this address. "
                "There is an account with it, so nothing was changed.",
            ),
            button=("Log in", f"{self.site}/login"),
            note="You did not try to register? Then you can leave this mail alone.",
        )

    async def _send(self, to: str, fact: str, letter: Letter) -> None:
        message = Message(
            id=fact.replace(":", "."),
            to=to,
            subject=letter.subject,
            text=as_text(letter),
            html=as_html(letter),
        )
        try:
            await self.mailer.send(message)
        except MailRefused as error:  # it never will be taken: asking again helps nobody
            log.warning("mail %s is refused for good: %s", message.id, error)


def _code(code: str, zone: str, expires: datetime) -> Letter:
    return Letter(
        f"Your code is {code}",
        (
            f"Enter it within 10 minutes, until {at(expires, zone)}. "
            "We never ask for it by phone or in chat.",
        ),
        code=code,
        note="You did not ask for a code? Then somebody typed your address by mistake, "
        "and you can leave this mail alone.",
    )
