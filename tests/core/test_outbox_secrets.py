"""No secret of an outbox message is shown to operators."""

from __future__ import annotations

from dataclasses import fields

import pytest

from core.outbox import Payload
from services.bootstrap import CAPABILITIES

SECRET_WORDS = ("nonce", "token", "secret", "password", "code", "session", "cookie", "seed")
PAYLOADS = [payload for record in CAPABILITIES for payload in record.messages]


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.kind)
def test_a_field_that_sounds_like_a_secret_is_declared_as_one(payload: type[Payload]) -> None:
    names = {part.name for part in fields(payload)}

    assert {name for name in names if name in SECRET_WORDS} <= payload.secrets
    assert payload.secrets <= names
