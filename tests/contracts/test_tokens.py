"""Access tokens: signed by joserfc, and remembered in memory."""

from __future__ import annotations

import json
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Mapping

import pytest

from adapters.jose.signer import JoseSigner, signing_key
from adapters.memory.tokens import Issued, MemorySigner
from onehour.testing.tokens import TokenSignerContract, refuses
from onehour.testing.tokens_mint import (
    AUDIENCE,
    CLAIMS,
    HEADER,
    ISSUER,
    KEYS,
    NOW,
    PAYLOAD,
    Mint,
    jws,
)


class MemoryMint(Mint):
    def __init__(self) -> None:
        self._issued: Issued = {}

    def signer(
        self, keys: Mapping[str, str] = KEYS, *, issuer: str = ISSUER, audience: str = AUDIENCE
    ) -> MemorySigner:
        return MemorySigner(keys, issuer=issuer, audience=audience, issued=self._issued)


class TestMemorySigner(TokenSignerContract):
    @pytest.fixture
    def mint(self) -> MemoryMint:
        return MemoryMint()


class JoseMint(Mint):
    def signer(
        self, keys: Mapping[str, str] = KEYS, *, issuer: str = ISSUER, audience: str = AUDIENCE
    ) -> JoseSigner:
        return JoseSigner(keys, issuer=issuer, audience=audience)

    def key(self, name: str) -> bytes:
        return signing_key(KEYS[name])


class TestJoseSigner(TokenSignerContract):
    @pytest.fixture
    def mint(self) -> JoseMint:
        return JoseMint()

    def test_a_token_made_by_hand_with_the_right_key_is_read(self, mint: JoseMint) -> None:
        """So that the forgeries above fail for what they change, and for nothing else."""
        assert mint.signer().read(mint.forged(HEADER, PAYLOAD), now=NOW) == CLAIMS

    def test_the_token_says_what_rfc_9068_asks_for(self, mint: JoseMint) -> None:
        header, payload, _ = mint.signer().sign(CLAIMS).split(".")

        assert json.loads(urlsafe_b64decode(header + "==")) == HEADER
        assert json.loads(urlsafe_b64decode(payload + "==")) == PAYLOAD

    def test_the_secret_itself_signs_nothing(self, mint: JoseMint) -> None:
        assert refuses(mint.signer(), jws(HEADER, PAYLOAD, KEYS["winter"].encode()))

    def test_reading_strangers_tokens_warns_nobody(self, mint: JoseMint) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert refuses(mint.signer(), mint.forged(HEADER | {"alg": "none"}, PAYLOAD))
