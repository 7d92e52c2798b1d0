"""Access tokens keep the contract: signed by joserfc, and in memory."""

from __future__ import annotations

import json
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Mapping

import pytest

from adapters.jose.signer import JoseSigner, signing_key
from adapters.memory.tokens import Issued, MemorySigner
from onehour.testing.tokens import TokenSignerContract, refuses
from onehour.testing.tokens_setup import (
    AUDIENCE,
    CLAIMS,
    HEADER,
    ISSUER,
    KEYS,
    NOW,
    PAYLOAD,
    SignerSetup,
    jws,
)


class MemorySignerSetup(SignerSetup):
    def __init__(self) -> None:
        self._issued: Issued = {}

    def signer(
        self, keys: Mapping[str, str] = KEYS, *, issuer: str = ISSUER, audience: str = AUDIENCE
    ) -> MemorySigner:
        return MemorySigner(keys, issuer=issuer, audience=audience, issued=self._issued)


class TestMemorySigner(TokenSignerContract):
    @pytest.fixture
    def signer_setup(self) -> MemorySignerSetup:
        return MemorySignerSetup()


class JoseSignerSetup(SignerSetup):
    def signer(
        self, keys: Mapping[str, str] = KEYS, *, issuer: str = ISSUER, audience: str = AUDIENCE
    ) -> JoseSigner:
        return JoseSigner(keys, issuer=issuer, audience=audience)

    def key(self, name: str) -> bytes:
        return signing_key(KEYS[name])


class TestJoseSigner(TokenSignerContract):
    @pytest.fixture
    def signer_setup(self) -> JoseSignerSetup:
        return JoseSignerSetup()

    def test_a_token_made_by_hand_with_the_right_key_is_read(
        self, signer_setup: JoseSignerSetup
    ) -> None:
        """So that the forgeries above fail for what they change, and for nothing else."""
        assert signer_setup.signer().verify(signer_setup.forged(HEADER, PAYLOAD), now=NOW) == CLAIMS

    def test_the_token_says_what_rfc_9068_asks_for(self, signer_setup: JoseSignerSetup) -> None:
        header, payload, _ = signer_setup.signer().sign(CLAIMS).split(".")

        assert json.loads(urlsafe_b64decode(header + "==")) == HEADER
        assert json.loads(urlsafe_b64decode(payload + "==")) == PAYLOAD

    def test_the_secret_itself_signs_nothing(self, signer_setup: JoseSignerSetup) -> None:
        assert refuses(signer_setup.signer(), jws(HEADER, PAYLOAD, KEYS["winter"].encode()))

    def test_reading_tokens_of_others_logs_no_warning(self, signer_setup: JoseSignerSetup) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert refuses(
                signer_setup.signer(), signer_setup.forged(HEADER | {"alg": "none"}, PAYLOAD)
            )
