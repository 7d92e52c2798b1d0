"""Sends the webhooks."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress

import httpx

from onehour_razorpay.server.database import Entity
from onehour_razorpay.server.provider import Provider
from onehour_razorpay.webhooks import sign

log = logging.getLogger(__name__)

EVERY_S = 0.25
SECONDS_PER_CALL = 5.0


class Deliveries:
    """Sends what is due until it is stopped; what was not sent is due at the next start."""

    def __init__(self, provider: Provider, client: httpx.AsyncClient | None = None) -> None:
        self._provider = provider
        self._client = client or httpx.AsyncClient(trust_env=False, timeout=SECONDS_PER_CALL)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="razorpay webhooks")

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._client.aclose()

    async def send_due(self) -> None:
        for event in await asyncio.to_thread(self._provider.webhooks_to_send):
            accepted = await self._send(event)
            await asyncio.to_thread(self._provider.webhook_sent, event, accepted=accepted)

    async def _run(self) -> None:
        while True:
            try:
                await self.send_due()
            except Exception:  # later webhooks must still be sent
                log.exception("webhooks were not sent")
            await asyncio.sleep(EVERY_S)

    async def _send(self, event: Entity) -> bool:
        body = json.dumps(event["body"], separators=(",", ":")).encode()
        settings = self._provider.settings
        headers = {
            "content-type": "application/json",
            "x-razorpay-event-id": event["id"].removeprefix("event_"),
            "x-razorpay-signature": sign(settings.webhook_secret, body),
        }
        try:
            answer = await self._client.post(settings.webhook_url, content=body, headers=headers)
        except httpx.HTTPError as error:
            log.info("webhook %s: %r", event["id"], error)
            return False
        return answer.is_success
