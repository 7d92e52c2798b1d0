"""The background worker: settles due attempts and refunds, and sends webhooks."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from base64 import b64encode
from contextlib import suppress
from sqlite3 import Row

import httpx

from adapters.cashfree.simulator import attempts, endpoints, payouts, refunds, settlements
from adapters.cashfree.simulator.chaos import Chaos, Delivery
from adapters.cashfree.simulator.database import Database, Transaction, real_now
from adapters.cashfree.simulator.settings import SimulatorSettings

log = logging.getLogger(__name__)

RETRY_AFTER_S = (2 * 60, 10 * 60, 30 * 60)
SECONDS_PER_DELIVERY = 5.0
LEASE_MS = 15_000
"""The lease of a claimed webhook, longer than one delivery can take."""
BATCH = 20
POLL_S = 0.25
"""How often work enqueued by other processes is checked."""
NO_RESPONSE = 0
"""The stored status if there was no HTTP response."""


class BackgroundWorker:
    """Several processes can run one: each webhook is claimed before it is sent."""

    def __init__(
        self,
        settings: SimulatorSettings,
        database: Database,
        client: httpx.AsyncClient | None = None,
        chaos: Chaos | None = None,
    ) -> None:
        self._chaos = chaos or Chaos(None)
        self._settings = settings
        self._database = database
        self._client = client or httpx.AsyncClient(trust_env=False)
        self._owns_client = client is None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the worker as a task of the running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="simulator worker")

    async def stop(self) -> None:
        """Stop at once. Unfinished webhooks are sent again after their lease."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._owns_client:
            await self._client.aclose()

    def wake_up(self) -> None:
        """Check for due work now."""
        self._wake.set()

    async def work(self) -> float:
        """Do all due work; returns the seconds until the next check."""
        wait = await self._database.read(_seconds_until_due)
        if wait > 0:
            return min(wait, POLL_S)
        claimed = await self._database.write(_settle_and_claim)
        await asyncio.gather(*(self._deliver(row) for row in claimed))
        return 0.0

    async def deliver(self, ids: list[int]) -> int | None:
        """Send these webhooks now; returns the HTTP status of the first one, None without any.

        If another process sends it, wait for the status it stores.
        """
        for row in await self._database.write(lambda transaction: _claim(transaction, ids)):
            await self._deliver(row)
        for _ in range(round(SECONDS_PER_DELIVERY / 0.05)) if ids else ():
            status = await self._database.read(
                lambda transaction: _last_status(transaction, ids[0])
            )
            if status is not None:
                return status
            await asyncio.sleep(0.05)
        return None

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                pause = await self.work()
            except Exception:  # later webhooks must still be sent
                log.exception("the simulator's background work failed")
                pause = 1.0
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _deliver(self, row: Row) -> None:
        last = row["attempts"] >= len(RETRY_AFTER_S)
        fate = Delivery.SENT if last else self._chaos.delivery(row["id"], row["attempts"])
        if fate is Delivery.LATER and not row["postponed"]:
            seconds = self._chaos.delay(row["id"])
            await self._database.write(lambda transaction: _postpone(transaction, row, seconds))
            return
        if fate is Delivery.TWICE:
            await self._post(row)
        status = NO_RESPONSE if fate is Delivery.DROPPED else await self._post(row, fate)
        await self._database.write(lambda transaction: _record_delivery(transaction, row, status))

    async def _post(self, row: Row, fate: Delivery = Delivery.SENT) -> int:
        """Send it, or the first half under the signature of the whole."""
        body: bytes = row["body"]
        content = body[: len(body) // 2] if fate is Delivery.CUT else body
        try:
            async with asyncio.timeout(SECONDS_PER_DELIVERY):
                response = await self._client.post(
                    row["url"], content=content, headers=self._headers(row)
                )
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            log.info("webhook %s: %r", row["id"], error)
            return NO_RESPONSE
        return response.status_code

    def _headers(self, row: Row) -> dict[str, str]:
        timestamp = str(real_now())
        secret, body = self._settings.client_secret.encode(), row["body"]
        signature = hmac.digest(secret, timestamp.encode() + body, hashlib.sha256)
        return {
            "content-type": "application/json",
            "x-webhook-signature": b64encode(signature).decode(),
            "x-webhook-timestamp": timestamp,
            "x-webhook-version": self._settings.webhook_version,
            "x-webhook-attempt": str(row["attempts"] + 1),
            "x-idempotency-key": hashlib.sha256(body).hexdigest(),
        }


def _seconds_until_due(transaction: Transaction) -> float:
    settlement_delay = transaction.after(transaction.settings.settlement_delay_s) - transaction.now
    row = transaction.one(
        "SELECT min(at) AS at FROM ("
        " SELECT min(settles) AS at FROM attempts WHERE settles IS NOT NULL"
        " UNION ALL SELECT min(begun) + ? FROM attempts WHERE ended IS NULL AND settles IS NULL"
        " UNION ALL SELECT min(settles) FROM refunds WHERE settles IS NOT NULL"
        " UNION ALL SELECT min(settles) FROM transfers WHERE settles IS NOT NULL"
        " UNION ALL SELECT min(at) + ? FROM unsettled"
        " UNION ALL SELECT min(due) FROM webhooks WHERE due IS NOT NULL AND leased_until < ?)",
        *(round(transaction.settings.attempt_life_s * 1000) + 1, settlement_delay, real_now()),
    )
    return POLL_S if row is None or row["at"] is None else (row["at"] - transaction.now) / 1000


def _settle_and_claim(transaction: Transaction) -> list[Row]:
    attempts.settle_due(transaction)
    refunds.settle_due(transaction)
    payouts.settle_due(transaction)
    settlements.settle_due(transaction)
    query = "SELECT id FROM webhooks WHERE due <= ? AND leased_until < ? ORDER BY due LIMIT ?"
    due = transaction.all(query, transaction.now, real_now(), BATCH)
    return _claim(transaction, [row["id"] for row in due])


def _claim(transaction: Transaction, ids: list[int]) -> list[Row]:
    """Claim those of the webhooks that are due and not leased."""
    endpoints.drop_disabled(transaction)
    claim = (
        "UPDATE webhooks SET leased_until = ?"
        " WHERE id = ? AND due <= ? AND leased_until < ? RETURNING *"
    )
    now = real_now()
    found = (
        transaction.one(claim, now + LEASE_MS, webhook, transaction.now, now) for webhook in ids
    )
    return [row for row in found if row is not None]


def _postpone(transaction: Transaction, row: Row, seconds: float) -> None:
    """Send it later for the first time, after those that come meanwhile."""
    transaction.run(
        "UPDATE webhooks SET postponed = 1, due = ?, leased_until = 0 WHERE id = ?",
        *(transaction.after(seconds), row["id"]),
    )


def _record_delivery(transaction: Transaction, row: Row, status: int) -> None:
    """Store the result of a delivery. Without a 2xx it is retried after 2, 10 and 30 minutes."""
    attempts_made = row["attempts"] + 1
    over = 200 <= status < 300 or attempts_made > len(RETRY_AFTER_S)
    due = None if over else transaction.after(RETRY_AFTER_S[attempts_made - 1])
    transaction.run(
        "UPDATE webhooks SET attempts = ?, last_status = ?, due = ?, leased_until = 0 WHERE id = ?",
        *(attempts_made, status, due, row["id"]),
    )
    endpoints.count(transaction, row["url"], delivered=200 <= status < 300)


def _last_status(transaction: Transaction, webhook: int) -> int | None:
    row = transaction.one("SELECT last_status FROM webhooks WHERE id = ?", webhook)
    return None if row is None else row["last_status"]
