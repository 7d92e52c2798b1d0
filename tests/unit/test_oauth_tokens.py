"""Valid ID tokens identify a user; invalid ones are refused."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, urlsafe_b64encode
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.unit.fake_openid import GITA, NOW, OpenId, a_key, refused

SECOND = int(NOW.timestamp())


@pytest.fixture
def openid() -> OpenId:
    return OpenId()


async def test_a_genuine_token_identifies_the_person(openid: OpenId) -> None:
    assert await openid.identify() == GITA
    assert openid.asked == ["metadata", "token", "keys"]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # providers use the name still
@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (a_key("first"), "PS256"),
        (ECKey.generate_key("P-256"), "ES256"),
        (OKPKey.generate_key("Ed25519"), "EdDSA"),
    ],
)
async def test_other_signatures_of_a_public_key_are_read_too(
    openid: OpenId, key: RSAKey | ECKey | OKPKey, algorithm: str
) -> None:
    openid.key, openid.published = key, [key.as_dict(private=False)]
    openid.header = {"alg": algorithm}

    assert await openid.identify() == GITA


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": ["onehour", "another-client"]},
        {"aud": ["onehour", "another-client"], "azp": "another-client"},
        {"aud": ["another-client"], "azp": "onehour"},
        {"aud": None},
        {"azp": "another-client"},
        {"exp": SECOND - 31},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": SECOND + 31},
        {"iat": None},
        {"nbf": SECOND + 31},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=str,
)
async def test_a_token_for_another_time_place_or_client_is_refused(
    openid: OpenId, claims: dict[str, object]
) -> None:
    openid.claims = claims

    await refused(openid)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": SECOND - 29},
        {"iat": SECOND + 29},
        {"aud": ["onehour"], "azp": "onehour"},
        {"aud": ["onehour", "another-client"], "azp": "onehour"},
    ],
    ids=str,
)
async def test_clocks_may_differ_by_seconds_and_tokens_may_name_us_twice(
    openid: OpenId, claims: dict[str, object]
) -> None:
    openid.claims = claims

    assert await openid.identify() == GITA


async def test_a_token_signed_by_nobody_is_refused(openid: OpenId) -> None:
    _, claims, _ = openid.id_token().split(".")
    openid.token = f"{_part({'alg': 'none'})}.{claims}."

    await refused(openid)


@pytest.mark.parametrize("kid", ["first", "shared"])
async def test_a_secret_signs_nothing_for_us(openid: OpenId, kid: str) -> None:
    """Neither our own, nor a public key taken for one, nor one the provider publishes."""
    public = a_key("first").as_pem(private=False)
    openid.published.append({"kty": "oct", "k": _base64(public), "kid": kid})
    for secret in (public, b"se%cret"):
        openid.token = _hs256(openid.id_token(), secret, kid)
        await refused(openid)


async def test_a_token_signed_with_an_unknown_key_is_refused(openid: OpenId) -> None:
    openid.key = a_key("second")

    await refused(openid)


async def test_a_changed_token_is_refused(openid: OpenId) -> None:
    head, claims, signature = openid.id_token().split(".")
    content = json.loads(b64decode(claims + "==", altchars=b"-_"))
    openid.token = f"{head}.{_part({**content, 'sub': 'ravi-8'})}.{signature}"

    await refused(openid)


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "é.é.é", "e30.e30.e30", "bnVsbA.bnVsbA.x"])
async def test_what_is_no_token_is_refused(openid: OpenId, token: str) -> None:
    openid.token = token

    await refused(openid)


async def test_a_token_that_demands_what_we_do_not_understand_is_refused(openid: OpenId) -> None:
    openid.token = _rs256(openid.id_token(), {"must": 1})
    assert await openid.identify() == GITA

    openid.token = _rs256(openid.id_token(), {"must": 1, "crit": ["must"]})
    await refused(openid)


async def test_two_keys_and_no_name_of_one_is_a_riddle(openid: OpenId) -> None:
    other = a_key("second")
    openid.published.append(other.as_dict(private=False))
    openid.header = {"alg": "RS256"}

    await refused(openid)


async def test_keys_for_other_purposes_and_of_unknown_kinds_are_passed_over(
    openid: OpenId,
) -> None:
    encrypts = {**a_key("second").as_dict(private=False), "use": "enc"}
    openid.published += [encrypts, {"kty": "future"}, {"kty": "RSA"}]
    openid.header = {"alg": "RS256"}

    assert await openid.identify() == GITA


async def test_new_keys_are_looked_for_once_a_minute(openid: OpenId) -> None:
    await openid.identify()
    openid.key = a_key("second")
    openid.published = [openid.key.as_dict(private=False)]
    openid.header = {"alg": "RS256", "kid": "second"}

    await refused(openid)
    await refused(openid)
    assert openid.asked.count("keys") == 1
    openid.clock.advance(timedelta(minutes=1))

    assert await openid.identify() == GITA
    assert await openid.identify() == GITA
    assert openid.asked.count("keys") == 2


async def test_a_withdrawn_key_is_accepted_for_an_hour_at_most(openid: OpenId) -> None:
    await openid.identify()
    openid.published = [a_key("second").as_dict(private=False)]

    openid.clock.advance(timedelta(minutes=59))
    assert await openid.identify() == GITA
    openid.clock.advance(timedelta(minutes=1))

    await refused(openid)


def _rs256(token: str, header: dict[str, object]) -> str:
    """A token with these claims and a valid signature, whose header has more fields."""
    head = _part({"alg": "RS256", "kid": "first", **header})
    signed = f"{head}.{token.split('.')[1]}"
    signature = JWSRegistry.algorithms["RS256"].sign(signed.encode(), a_key("first"))
    return f"{signed}.{_base64(signature)}"


def _hs256(token: str, secret: bytes, kid: str) -> str:
    """A token with these claims, signed with the client secret."""
    signed = f"{_part({'alg': 'HS256', 'kid': kid})}.{token.split('.')[1]}"
    digest = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{_base64(digest)}"


def _part(content: object) -> str:
    return _base64(json.dumps(content).encode())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
