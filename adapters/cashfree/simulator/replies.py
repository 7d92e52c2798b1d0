"""Idempotency keys: the first response is replayed for a day."""

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
    """A request and its idempotency key, which is empty if there is none."""

    client_id: str
    operation: str
    key: str
    body: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, and whether it was replayed."""

    status: int
    body: bytes
    replayed: bool = False


def answer_once(
    transaction: Transaction, request: IdempotentRequest, operation: Callable[[], object]
) -> Reply:
    """Execute the operation, or replay its stored response. The response is stored in the same
    transaction. Raises `ApiError` 422 if the key was used with another body."""
    if not request.key:
        return _execute(operation)
    transaction.run("DELETE FROM replies WHERE at < ?", transaction.now - DAY_MS)
    before = transaction.one(
        "SELECT * FROM replies WHERE client_id = ? AND operation = ? AND key = ?",
        *(request.client_id, request.operation, request.key),
    )
    if before is None:
        return _store(transaction, request, _execute(operation))
    if before["asked"] != request.digest:
        message = "the idempotency key was used with another body"
        raise ApiError(422, "request_invalid", message, "idempotency_error")
    return Reply(before["status"], before["body"], replayed=True)


def _execute(operation: Callable[[], object]) -> Reply:
    """Operations validate before they write, so a refused one has changed nothing."""
    try:
        return Reply(200, orjson.dumps(operation()))
    except ApiError as error:
        return Reply(error.status, orjson.dumps(error.body))


def _store(transaction: Transaction, request: IdempotentRequest, reply: Reply) -> Reply:
    transaction.run(
        "INSERT INTO replies VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(request.client_id, request.operation, request.key, request.digest),
        *(reply.status, reply.body, transaction.now),
    )
    return reply
