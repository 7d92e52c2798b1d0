"""Answers kept for repeated requests."""

from __future__ import annotations

from core.policy import MINUTE
from onehour.testing.samples.sample import NOW, Sample
from ports.idempotency_keys import StoredResponse
from ports.store import Repositories

KEY = "acc_1:key"


def an_answer() -> StoredResponse:
    return StoredResponse(201, b"\x00{}")


async def _keep_answer(repositories: Repositories) -> None:
    await repositories.idempotency_keys.begin(KEY, "fingerprint", now=NOW)
    await repositories.idempotency_keys.finish(KEY, an_answer(), now=NOW + MINUTE)


async def _kept_answer(repositories: Repositories) -> StoredResponse | None:
    return await repositories.idempotency_keys.begin(KEY, "fingerprint", now=NOW + MINUTE)


SAMPLES = (Sample("request_keys", an_answer(), _keep_answer, _kept_answer),)
