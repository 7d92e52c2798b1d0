"""Sends e-mails with Mailjet over HTTPS.

Source: Mailjet's guide to the Send API v3.1 (messages, sandbox, forbidden headers, errors) and its
reference of status codes.
"""

from __future__ import annotations

import asyncio
import logging
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr

import httpx
import orjson

from adapters.mailjet.answers import check_response
from adapters.mailjet.events import check, reports
from core.email_addresses import is_plain
from ports.mail import (
    AddressRefused,
    Attachment,
    MailReport,
    MailUnavailable,
    Message,
    ReportingMailer,
)

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds for a whole call, from connecting to the last byte of the response."""
BYTES_AT_MOST = 64 * 1024
"""A response about one message has less than one kilobyte."""
SUBJECT_AT_MOST = 255
"""Characters; Mailjet refuses a longer subject."""
LIST_DOMAIN = "lists.mailjet.com"
"""Addresses of this domain are contact lists of Mailjet accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailjetSettings:
    """One Mailjet account. With `sandbox`, messages are validated and never delivered."""

    api_key: str
    secret_key: str = field(repr=False)
    sandbox: bool = False
    base_url: str = "https://api.mailjet.com"
    events_secret: str | None = field(default=None, repr=False)
    """The password in the URL of its events; without one none are taken."""


@dataclass(frozen=True, slots=True)
class MailjetMailer(ReportingMailer):
    """One call per message. Mailjet sets its own Message-ID and has no idempotency keys. `CustomID`
    has our id, by which a repeat can be found in its statistics, its events and with
    `GET /v3/REST/message?CustomID=…`."""

    client: httpx.AsyncClient
    account: MailjetSettings
    sender: str
    """The From header, such as `1HourDeveloper <hello@example.com>`, verified at Mailjet."""

    async def send(self, message: Message) -> None:
        """Addresses that bounce later are reported by Mailjet's events, not here."""
        if message.to.lower().endswith(f"@{LIST_DOMAIN}"):
            raise AddressRefused("This is the address of a mailing list.")
        if not is_plain(message.to):
            raise AddressRefused("This is not an e-mail address.")
        try:
            status, raw = await self._post(self._body(message))
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            log.warning("Mailjet did not respond: %r", error)
            raise MailUnavailable from error
        check_response(status, raw)

    def parse_reports(self, headers: Mapping[str, str], body: bytes) -> tuple[MailReport, ...]:
        check(headers.get("authorization", ""), self.account.events_secret)
        return tuple(reports(body))

    def _body(self, message: Message) -> dict[str, object]:
        name, address = parseaddr(self.sender)
        mail: dict[str, object] = {
            "From": {"Email": address} | ({"Name": name} if name else {}),
            "To": [{"Email": message.to}],
            "Subject": message.subject[:SUBJECT_AT_MOST],
            "TextPart": message.text,
            "HTMLPart": message.html,
            "CustomID": message.id,
            # Tracking would replace our links, which contain secrets, by redirects of Mailjet.
            "TrackClicks": "disabled",
            "TrackOpens": "disabled",
        }
        if message.unsubscribe:
            mail["Headers"] = message.list_headers
        if message.attachments:
            mail["Attachments"] = [_attachment(each) for each in message.attachments]
        return {"Messages": [mail], "SandboxMode": self.account.sandbox}

    async def _post(self, body: dict[str, object]) -> tuple[int, bytes]:
        request = self.client.build_request(
            "POST",
            f"{self.account.base_url}/v3.1/send",
            headers={
                "accept": "application/json",
                "accept-encoding": "identity",  # compression would circumvent the size limit
                "content-type": "application/json",
            },
            content=orjson.dumps(body),
            timeout=TIMEOUT,
        )
        keys = httpx.BasicAuth(self.account.api_key, self.account.secret_key)
        # Time-outs of httpx are per read; this one is for the whole call.
        async with asyncio.timeout(TIMEOUT):
            response = await self.client.send(request, auth=keys, stream=True)
            try:
                return response.status_code, await _read(response)
            finally:
                await response.aclose()


def _attachment(attachment: Attachment) -> dict[str, str]:
    return {
        "ContentType": attachment.media_type,
        "Filename": attachment.name,
        "Base64Content": b64encode(attachment.content).decode("ascii"),
    }


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > BYTES_AT_MOST:
            raise httpx.DecodingError("the response is longer than 64 kB", request=response.request)
    return bytes(raw)
