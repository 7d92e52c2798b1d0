"""Authenticator apps: the codes of pyotp keep the contract."""

from __future__ import annotations

import pytest

from adapters.system.factors import TotpAuthenticator
from onehour.testing.factors import NONCE, OWNER, AuthenticatorContract


class TestTotpAuthenticator(AuthenticatorContract):
    @pytest.fixture
    def authenticator(self) -> TotpAuthenticator:
        return TotpAuthenticator(b"a key for tests", issuer="OneHour")


def test_without_the_application_key_nobody_can_derive_a_secret() -> None:
    mine, other = (TotpAuthenticator(key, issuer="OneHour") for key in (b"one", b"another"))

    assert mine.secret(OWNER, NONCE) != other.secret(OWNER, NONCE)
