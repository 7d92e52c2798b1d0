"""No mutated webhook of any provider is accepted, changes anything, or breaks the server."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections import Counter
from random import Random
from typing import Any

import httpx
import pytest
from quart import Quart

from adapters.cashfree.gateway import CashfreeGateway
from adapters.cashfree.payout_settings import CashfreePayoutSettings
from adapters.cashfree.payouts import CashfreePayouts
from adapters.cashfree.settings import CashfreeSettings
from adapters.cashfree.webhooks import sign
from adapters.mailjet.mailer import MailjetMailer, MailjetSettings
from adapters.openvidu.provider import OpenViduVideo
from adapters.openvidu.room_service import RoomService
from adapters.openvidu.tokens import Tokens
from tests.app import MONDAY, MemoryApp, memory_app
from tests.web.mutations import Hook, mutated
from tests.web.site import app_of

SECRET, STAMP = "cfsk_of_the_mutations", "1767328500000"
VIDEO_SECRET = "a secret of the video server, long enough"
EVENTS_SECRET = "a secret of the mail events"
PAYMENT = (
    b'{"data":{"order":{"order_id":"ord_1","order_amount":170.00,"order_currency":"INR"},'
    b'"payment":{"cf_payment_id":"1","payment_status":"SUCCESS","payment_amount":170.00}},'
    b'"event_time":"2026-01-02T10:05:00+05:30","type":"PAYMENT_SUCCESS_WEBHOOK"}'
)
DISPUTE = (
    b'{"data":{"dispute":{"dispute_id":"433475258","dispute_type":"DISPUTE","dispute_amount":3,'
    b'"dispute_status":"DISPUTE_CREATED"},"order_details":{"order_id":"ord_1"}},'
    b'"event_time":"2026-01-02T10:05:00+05:30","type":"DISPUTE_CREATED"}'
)
PAYOUT = (
    b'{"data":{"transfer_id":"W1","cf_transfer_id":"123456","status":"SUCCESS",'
    b'"status_code":"COMPLETED","transfer_amount":1500.50},"event_time":"2026-01-02T10:05:00",'
    b'"type":"TRANSFER_ACKNOWLEDGED"}'
)
VIDEO = json.dumps(
    {"event": "participant_joined", "createdAt": "1", "room": {"name": "r"}}
).encode()
MAIL = json.dumps([{"event": "spam", "email": "a@example.com", "time": 1}]).encode()


def an_app() -> tuple[MemoryApp, Quart]:
    """With the adapters of real providers, which are not called."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    app = memory_app()
    tokens = Tokens("key", VIDEO_SECRET)
    video = OpenViduVideo(
        "wss://video.example.com",
        RoomService(http, "https://video.example.com", tokens, app.clock),
        tokens,
        app.clock,
    )
    pg = CashfreeSettings("https://cf.example/pg", "id", SECRET, "https://site.example/checkout")
    app = memory_app(
        clock=app.clock, video=video, gateways={"cashfree": CashfreeGateway(http, pg, app.clock)}
    )
    payouts = CashfreePayouts(
        http, CashfreePayoutSettings("https://cf.example/payout", "id", SECRET), app.clock
    )
    sending = app.services.withdrawal_sending
    object.__setattr__(sending.providers, "known", {"cashfree": payouts})
    account = MailjetSettings(api_key="key", secret_key="secret", events_secret=EVENTS_SECRET)
    mailer = MailjetMailer(http, account, "a@site.example")
    object.__setattr__(app.services.mail_reports, "mailer", mailer)
    return app, app_of(app)


def the_hooks() -> tuple[Hook, ...]:
    return (
        *(_cashfree(f"payments/{name}", body) for name, body in (
            ("cashfree", PAYMENT), ("cashfree", DISPUTE),
        )),
        _cashfree("payouts/cashfree", PAYOUT),
        Hook(
            "/api/v1/webhooks/video/openvidu",
            {"authorization": _video_token(VIDEO), "content-type": "application/webhook+json"},
            VIDEO,
            "authorization",
            fixed=1,
        ),
        Hook(
            "/api/v1/webhooks/mail",
            {"authorization": "Basic " + b64encode(f"onehour:{EVENTS_SECRET}".encode()).decode()},
            MAIL,
            "authorization",
            body_is_signed=False,
        ),
    )  # fmt: skip


def _cashfree(path: str, body: bytes) -> Hook:
    headers = {
        "content-type": "application/json",
        "x-webhook-signature": sign(SECRET, STAMP, body),
        "x-webhook-timestamp": STAMP,
        "x-webhook-version": "2025-01-01",
    }
    names = "x-webhook-signature", "x-webhook-timestamp"
    return Hook(f"/api/v1/webhooks/{path}", headers, body, *names)


def _video_token(body: bytes) -> str:
    digest = b64encode(hashlib.sha256(body).digest()).decode()
    tokens = Tokens("key", VIDEO_SECRET)
    return tokens._sign({"sha256": digest}, now=MONDAY, until=MONDAY.replace(year=2027))


async def state_of(app: MemoryApp) -> tuple[Any, ...]:
    """What a webhook could change."""
    repositories = app.store.repositories
    due = await repositories.outbox.count_due(now=app.clock.now(), at_most=1_000)
    return due, await repositories.suppressions.find("a@example.com")


async def attack(count: int, seed: int) -> Counter[int]:
    """Send that many mutations; returns the status codes."""
    app, quart = an_app()
    client, random, hooks = quart.test_client(), Random(seed), the_hooks()
    before, statuses = await state_of(app), Counter[int]()
    for number in range(count):
        hook = hooks[number % len(hooks)]
        headers, body = mutated(hook, random)
        answer = await client.post(hook.path, headers=headers, data=body)
        said = (seed, number, hook.path, answer.status_code, headers, body[:300])
        assert 400 <= answer.status_code < 500, said
        statuses[answer.status_code] += 1
    assert await state_of(app) == before
    return statuses


async def test_the_genuine_webhooks_are_accepted() -> None:
    app, quart = an_app()
    client = quart.test_client()
    for hook in the_hooks():
        answer = await client.post(hook.path, headers=hook.headers, data=hook.body)
        assert answer.status_code == 200, (hook.path, await answer.get_data())
    assert await state_of(app) != await state_of(an_app()[0])


async def test_no_mutated_webhook_is_accepted() -> None:
    assert await attack(500, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
async def test_no_webhook_of_a_hundred_thousand_is_accepted(seed: int) -> None:
    assert await attack(10_000, seed=100 + seed)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[[", b'"x"', b"\xff", b'{"event": 1}', b"[1, {}]"]
)
async def test_what_the_mail_provider_sends_malformed_is_no_error(body: bytes) -> None:
    _, quart = an_app()
    hook = the_hooks()[-1]
    answer = await quart.test_client().post(hook.path, headers=hook.headers, data=body)
    assert answer.status_code < 500
