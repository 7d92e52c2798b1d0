"""A fake Mailjet server on a real port: it validates requests and answers as Mailjet does.

After Mailjet's guide to the Send API v3.1: fields, sandbox, and the shapes of its errors.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

import httpx
from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, Response, jsonify, request

from adapters.mailjet.mailer import MailjetMailer, MailjetSettings
from ports.mail import Attachment, Mailer, Message
from tests.contracts.list_headers import unsubscribe_url
from tests.patience import PATIENCE_S
from tests.servers import free_port

SENDER = "1HourDeveloper <hello@hours.example>"
KEYS = ("public-key", "hush")
EVENTS_SECRET = "a secret of our own"
FIELDS = {
    "From": dict, "To": list, "Subject": str, "TextPart": str, "HTMLPart": str, "CustomID": str,
    "TrackClicks": str, "TrackOpens": str,
}  # fmt: skip
TRACKING = ("account_default", "disabled", "enabled")
ADDRESS = re.compile(r"[^@\s,<>]+@[^@\s,<>.]+(\.[^@\s,<>.]+)+")


@dataclass
class Mailjet:
    """`answer`, when set, is given in place of the real one: status and body."""

    sandbox: bool = False
    keys: tuple[str, str] = KEYS
    sender: str = SENDER
    answer: tuple[int, bytes] | None = None
    sandbox_flags: list[bool] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    nobodys: set[str] = field(default_factory=set)
    content_limit: int = 15 * 1024 * 1024
    port: int = 0

    async def open(self) -> None:
        app = Quart("mailjet")
        app.add_url_rule("/v3.1/send", view_func=self._send, methods=["POST"])
        config, self.port, self._stop = Config(), free_port(), asyncio.Event()
        config.bind, config.errorlog = [f"127.0.0.1:{self.port}"], None
        self._serving = asyncio.create_task(serve(app, config, shutdown_trigger=self._stop.wait))
        self.client = httpx.AsyncClient(timeout=PATIENCE_S)
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        self._stop.set()
        await self._serving

    @property
    def mailer(self) -> Mailer:
        account = MailjetSettings(
            api_key=self.keys[0],
            secret_key=self.keys[1],
            sandbox=self.sandbox,
            base_url=f"http://127.0.0.1:{self.port}",
            events_secret=EVENTS_SECRET,
        )
        return MailjetMailer(self.client, account, self.sender)

    def delivered(self) -> list[Message]:
        return [
            Message(
                id=mail["CustomID"],
                to=mail["To"][0]["Email"],
                subject=mail["Subject"],
                text=mail["TextPart"],
                html=mail["HTMLPart"],
                attachments=tuple(
                    Attachment(
                        each["Filename"],
                        each["ContentType"],
                        b64decode(each["Base64Content"], validate=True),
                    )
                    for each in mail.get("Attachments", ())
                ),
                unsubscribe=unsubscribe_url(mail.get("Headers", {})),
            )
            for mail in self.taken
        ]

    def remove_mailbox(self, address: str) -> None:
        self.nobodys.add(address)

    def refuse_contents(self) -> None:
        self.content_limit = 10

    def set_busy(self, busy: bool) -> None:
        body = (
            b'{"ErrorMessage": "You have reached the maximum number of calls", "StatusCode": 429}'
        )
        self.answer = (429, body) if busy else None

    async def _send(self) -> Response:
        if self.answer:
            status, body = self.answer
            return Response(body, status, content_type="application/json")
        auth = request.authorization
        if not auth or (auth.username, auth.password) != KEYS:
            return _answer(401, _error("mj-0015", 401, "API key authentication failure."))
        body = await request.get_json(force=True, silent=True)
        if not isinstance(body, dict) or not request.is_json:
            return _answer(400, _error("mj-0002", 400, "Malformed JSON."))
        assert body.keys() == {"Messages", "SandboxMode"}
        assert isinstance(body["SandboxMode"], bool)
        self.sandbox_flags.append(body["SandboxMode"])
        (mail,) = body["Messages"]
        return self._judge(mail, sandbox=body["SandboxMode"])

    def _judge(self, mail: dict[str, Any], *, sandbox: bool) -> Response:
        errors = list(self._errors(mail))
        if errors:
            body = {"Messages": [{"Status": "error", "Errors": errors}]}
            return _answer(errors[0]["StatusCode"], body)
        if not sandbox:
            self.taken.append(mail)
        number = 0 if sandbox else 70650219165027410 + len(self.taken)
        to = {
            "Email": mail["To"][0]["Email"],
            "MessageUUID": "" if sandbox else f"uuid-{number}",
            "MessageID": number,
            "MessageHref": f"https://api.mailjet.com/v3/message/{number}",
        }
        success = {"Status": "success", "CustomID": mail["CustomID"], "To": [to]}
        return _answer(200, {"Messages": [success | {"Cc": [], "Bcc": []}]})

    def _errors(self, mail: dict[str, Any]) -> list[dict[str, Any]]:
        wrong = [
            _error("mj-0004", 400, "Type mismatch.", name)
            for name, kind in FIELDS.items()
            if not isinstance(mail.get(name), kind)
        ]
        known = {*FIELDS, "Attachments", "Headers"}
        wrong += [_error("mj-0004", 400, "No such property.", n) for n in mail.keys() - known]
        wrong += [
            _error("mj-0004", 400, "No such property.", "Attachments")
            for each in mail.get("Attachments", ())
            if each.keys() != {"ContentType", "Filename", "Base64Content"}
        ]
        if wrong:
            return wrong
        return [*self._sender_errors(mail), *self._message_errors(mail)]

    def _sender_errors(self, mail: dict[str, Any]) -> list[dict[str, Any]]:
        sender = mail["From"].get("Email", "")
        if not ADDRESS.fullmatch(sender):
            return [_error("mj-0013", 400, f'"{sender}" is an invalid address.', "From.Email")]
        if sender != parseaddr(SENDER)[1]:
            return [_error("send-0008", 403, f'"{sender}" is not an authorized sender.', "From")]
        return []

    def _message_errors(self, mail: dict[str, Any]) -> list[dict[str, Any]]:
        errors = []
        for place, to in enumerate(mail["To"]):
            address = to["Email"]
            if not ADDRESS.fullmatch(address) or address in self.nobodys:
                said = f'"{address}" is an invalid email address.'
                errors.append(_error("mj-0013", 400, said, f"To[{place}].Email"))
        if len(mail["Subject"]) > 255:
            errors.append(_error("mj-0006", 400, "Too many characters.", "Subject"))
        if len(mail["TextPart"]) + len(mail["HTMLPart"]) > self.content_limit:
            errors.append(_error("mj-0011", 400, "The payload is over the limit."))
        for name in ("TrackClicks", "TrackOpens"):
            if mail[name] not in TRACKING:
                errors.append(_error("mj-0005", 400, "Not an allowed value.", name))
        return errors


def _answer(status: int, body: object) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    return answer


def _error(code: str, status: int, said: str, *about: str) -> dict[str, Any]:
    error = {
        "ErrorIdentifier": "f987008f-251a-4dff-8ffc-40f1583ad7bc",
        "ErrorCode": code,
        "StatusCode": status,
        "ErrorMessage": said,
    }
    return error | ({"ErrorRelatedTo": list(about)} if about else {})
