"""`MailjetMailer` hands each message to Mailjet over HTTPS.

What is said here of the API stands in Mailjet's guide to the Send API v3.1 (messages, sandbox,
forbidden headers, errors) and its reference of status codes.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from email.utils import parseaddr

import httpx
import orjson

from adapters.mailjet.answers import judge
from ports.mail import AddressRefused, Mailer, MailUnavailable, Message

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds one call may take, from connecting to the last byte of the answer."""
BYTES_AT_MOST = 64 * 1024
"""An answer about one message has less than one kilobyte."""
SUBJECT_AT_MOST = 255
"""Characters; Mailjet refuses a longer subject."""
LIST_DOMAIN = "lists.mailjet.com"
"""Addresses here are contact lists of Mailjet accounts, not of a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailjetSettings:
    """One Mailjet account. In `sandbox` messages are checked in full and never delivered."""

    api_key: str
    secret_key: str = field(repr=False)
    sandbox: bool = False
    base_url: str = "https://api.mailjet.com"


@dataclass(frozen=True, slots=True)
class MailjetMailer(Mailer):
    """One call per message. Mailjet gives every mail a Message-ID of its own and knows no
    idempotency key: `CustomID` carries our id, by which a repeat is found in its statistics,
    its events and `GET /v3/REST/message?CustomID=…`."""

    client: httpx.AsyncClient
    account: MailjetSettings
    sender: str
    """The From line, such as `1HourDeveloper <hello@example.com>`; Mailjet must know it."""

    async def send(self, message: Message) -> None:
        """An address that Mailjet finds dead only later is refused by its events, not here."""
        if message.to.lower().endswith(f"@{LIST_DOMAIN}"):
            raise AddressRefused("This is the address of a list, not of a person.")
        try:
            status, raw = await self._post(self._body(message))
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            log.warning("Mailjet did not answer: %r", error)
            raise MailUnavailable from error
        judge(status, raw)

    def _body(self, message: Message) -> dict[str, object]:
        name, address = parseaddr(self.sender)
        mail = {
            "From": {"Email": address} | ({"Name": name} if name else {}),
            "To": [{"Email": message.to}],
            "Subject": message.subject[:SUBJECT_AT_MOST],
            "TextPart": message.text,
            "HTMLPart": message.html,
            "CustomID": message.id,
            # Links in our mails lead to our site, not past a counter that learns them.
            "TrackClicks": "disabled",
            "TrackOpens": "disabled",
        }
        return {"Messages": [mail], "SandboxMode": self.account.sandbox}

    async def _post(self, body: dict[str, object]) -> tuple[int, bytes]:
        request = self.client.build_request(
            "POST",
            f"{self.account.base_url}/v3.1/send",
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",  # a size limit means little on compressed answers
                "content-type": "application/json",
            },
            content=orjson.dumps(body),
            timeout=TIMEOUT,
        )
        keys = httpx.BasicAuth(self.account.api_key, self.account.secret_key)
        # httpx counts its time-outs per read; the deadline here is for the call as a whole.
        async with asyncio.timeout(TIMEOUT):
            response = await self.client.send(request, auth=keys, stream=True)
            try:
                return response.status_code, await _read(response)
            finally:
                await response.aclose()


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > BYTES_AT_MOST:
            raise httpx.DecodingError("the answer is longer than 64 kB", request=response.request)
    return bytes(raw)
