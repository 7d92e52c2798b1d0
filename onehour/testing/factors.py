"""The contract of every `ports.factors.Authenticator`: inherit it, provide `authenticator`."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32decode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from onehour.testing.suite import Contract
from ports.factors import Authenticator

OWNER, NONCE = "acc_1", "a nonce"
EMAIL = "meera+hours@example.com"
STEP = timedelta(seconds=30)
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""Seconds since 1970 and the eight digits of SHA-1 (RFC 6238, appendix B)."""
RFC_SECRET = b"12345678901234567890"


def shown(secret: bytes, at: datetime, *, digits: int = 6) -> str:
    """What an app shows: RFC 4226 over the time step of RFC 6238, calculated independently."""
    step = int(at.timestamp()) // 30
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    place = mac[-1] & 15
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


class AuthenticatorContract(Contract):
    port = "factors"

    @pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
    def test_the_code_of_a_moment_is_the_one_of_the_standard(
        self, authenticator: Authenticator, seconds: int, code: str
    ) -> None:
        moment = datetime.fromtimestamp(seconds, UTC)
        assert shown(RFC_SECRET, moment, digits=8) == code, "the test's own calculation"

        mine = shown(secret_of(authenticator), moment)

        assert authenticator.step(OWNER, NONCE, mine, now=moment) == seconds // 30

    @pytest.mark.parametrize("seconds", VECTORS)
    def test_the_step_before_and_after_are_right_and_no_other(
        self, authenticator: Authenticator, seconds: int
    ) -> None:
        now = datetime.fromtimestamp(seconds, UTC)
        secret, running = secret_of(authenticator), seconds // 30

        found = {
            off: authenticator.step(OWNER, NONCE, shown(secret, now + off * STEP), now=now)
            for off in (-1, 0, 1, 2, 3, 20)
        }

        assert found == {-1: running - 1, 0: running, 1: running + 1, 2: None, 3: None, 20: None}

    def test_codes_of_somebody_else_or_of_another_app_are_wrong(
        self, authenticator: Authenticator
    ) -> None:
        now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
        code = shown(secret_of(authenticator), now)

        assert authenticator.step("acc_2", NONCE, code, now=now) is None
        assert authenticator.step(OWNER, "another", code, now=now) is None

    @pytest.mark.parametrize(
        "code", ["", "12345", "1234567", "abcdef", "\0" * 6, "١٢٣٤٥٦", "\ud800"]
    )
    def test_what_is_no_code_is_wrong(self, authenticator: Authenticator, code: str) -> None:
        now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
        assert authenticator.step(OWNER, NONCE, code, now=now) is None

    def test_a_secret_has_160_bits_and_is_the_same_in_any_process(
        self, authenticator: Authenticator
    ) -> None:
        secret = authenticator.secret(OWNER, NONCE)
        assert len(b32decode(secret)) == 20
        assert authenticator.secret(OWNER, NONCE) == secret

    def test_every_owner_and_every_app_has_a_secret_of_its_own(
        self, authenticator: Authenticator
    ) -> None:
        pairs = ((OWNER, NONCE), (OWNER, "another"), ("acc_2", NONCE))
        assert len({authenticator.secret(*pair) for pair in pairs}) == 3

    def test_the_address_names_account_issuer_and_secret(
        self, authenticator: Authenticator
    ) -> None:
        address = urlsplit(authenticator.provisioning_uri(OWNER, NONCE, email=EMAIL))
        parameters = {name: values[0] for name, values in parse_qs(address.query).items()}

        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        assert unquote(address.path) == f"/{parameters['issuer']}:{EMAIL}"
        assert parameters["secret"] == authenticator.secret(OWNER, NONCE)
        # What is left out is the default of every app.
        assert parameters.get("algorithm", "SHA1") == "SHA1"
        assert (parameters.get("digits", "6"), parameters.get("period", "30")) == ("6", "30")

    def test_the_picture_is_drawn_without_styles_scripts_or_links(
        self, authenticator: Authenticator
    ) -> None:
        picture = authenticator.qr_code(authenticator.provisioning_uri(OWNER, NONCE, email=EMAIL))

        assert re.match(r"<svg\b", picture)
        assert picture.rstrip().endswith("</svg>")
        assert set(re.findall(r"<([a-z]+)", picture)) <= {"svg", "path", "g", "rect", "title"}
        assert re.findall(r"\b(style|on[a-z]+|href|src)=|url\(|javascript:", picture) == []

    def test_every_address_has_a_picture_of_its_own(self, authenticator: Authenticator) -> None:
        pictures = {
            authenticator.qr_code(authenticator.provisioning_uri(OWNER, nonce, email=EMAIL))
            for nonce in ("one", "two")
        }
        assert len(pictures) == 2


def secret_of(authenticator: Authenticator) -> bytes:
    return b32decode(authenticator.secret(OWNER, NONCE))
