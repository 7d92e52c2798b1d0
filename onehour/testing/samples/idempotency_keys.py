"""Requests with an idempotency key."""

from __future__ import annotations

from core.policy import MINUTE
from onehour.testing.samples.sample import NOW, Sample
from ports.idempotency_keys import KeyedRequest, RecordedRequest, StoredResponse
from ports.store import Repositories

KEY = "acc_1:key"


def an_answer() -> StoredResponse:
    return StoredResponse(201, b"\x00{}")


async def _record(repositories: Repositories) -> None:
    request = KeyedRequest(KEY, "fingerprint")
    await repositories.idempotency_keys.record(request, now=NOW)
    request.recorded = True
    await repositories.idempotency_keys.finish(request, an_answer(), now=NOW + MINUTE)


async def _recorded(repositories: Repositories) -> RecordedRequest | None:
    return await repositories.idempotency_keys.find(KEY)


SAMPLES = (Sample("request_keys", RecordedRequest("fingerprint", an_answer()), _record, _recorded),)
