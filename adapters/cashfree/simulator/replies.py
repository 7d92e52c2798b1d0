"""The memory of idempotency keys: the first answer is the answer for a day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import orjson

from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """Who asked for what, under which key (empty: without one)."""

    client_id: str
    operation: str
    key: str
    body: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    replayed: bool = False


def answer_once(
    transaction: Transaction, asked: IdempotentRequest, operation: Callable[[], object]
) -> Reply:
    """Do it, or repeat what was answered before; remembered in the very transaction that did
    it. Raises `ApiError` 422 when the key was used with another body."""
    if not asked.key:
        return _do(operation)
    transaction.run("DELETE FROM replies WHERE at < ?", transaction.now - DAY_MS)
    before = transaction.one(
        "SELECT * FROM replies WHERE client_id = ? AND operation = ? AND key = ?",
        *(asked.client_id, asked.operation, asked.key),
    )
    if before is None:
        return _remember(transaction, asked, _do(operation))
    if before["asked"] != asked.digest:
        message = "the idempotency key was used with another body"
        raise ApiError(422, "request_invalid", message, "idempotency_error")
    return Reply(before["status"], before["body"], replayed=True)


def _do(operation: Callable[[], object]) -> Reply:
    """Operations check before they write, so a refusal has changed nothing."""
    try:
        return Reply(200, orjson.dumps(operation()))
    except ApiError as error:
        return Reply(error.status, orjson.dumps(error.body))


def _remember(transaction: Transaction, asked: IdempotentRequest, reply: Reply) -> Reply:
    transaction.run(
        "INSERT INTO replies VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(asked.client_id, asked.operation, asked.key, asked.digest),
        *(reply.status, reply.body, transaction.now),
    )
    return reply
