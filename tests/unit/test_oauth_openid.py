"""Discovery and user info of an OpenID provider, and how its failures are reported."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ports.identity import IdentityRefused, IdentityUnavailable
from tests.patience import PATIENCE_S
from tests.unit.fake_openid import GITA, ISSUER, OpenId, refused, unavailable


@pytest.fixture
def openid() -> OpenId:
    return OpenId()


async def test_the_browser_is_sent_with_all_that_binds_the_answer(openid: OpenId) -> None:
    address = await openid.provider.authorization_url(openid.attempt)

    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{ISSUER}/authorize?")
    assert asked.pop("code_challenge") != [openid.attempt.verifier]
    assert asked == {
        "response_type": ["code"],
        "client_id": ["onehour"],
        "redirect_uri": [openid.attempt.redirect_uri],
        "scope": ["openid email profile"],
        "state": [openid.attempt.state],
        "nonce": [openid.attempt.nonce],
        "code_challenge_method": ["S256"],
    }


async def test_many_at_once_ask_the_provider_once_about_itself(openid: OpenId) -> None:
    await asyncio.gather(*(openid.provider.authorization_url(openid.attempt) for _ in range(10)))

    assert openid.asked == ["metadata"]


async def test_a_failure_is_shared_and_not_kept(openid: OpenId) -> None:
    openid.answers["metadata"] = httpx.ConnectError("nobody there")
    sent_claims = await asyncio.gather(
        *(openid.provider.authorization_url(openid.attempt) for _ in range(3)),
        return_exceptions=True,
    )
    openid.answers.clear()

    assert {type(each) for each in sent_claims} == {IdentityUnavailable}
    assert openid.asked == ["metadata"]
    assert await openid.identify() == GITA


async def test_an_answer_with_another_issuer_is_refused(openid: OpenId) -> None:
    await refused(openid, iss="https://other.example")
    assert "token" not in openid.asked
    assert await openid.identify(iss=ISSUER) == GITA


async def test_a_provider_that_announces_the_issuer_parameter_must_send_it(openid: OpenId) -> None:
    openid.metadata = {"authorization_response_iss_parameter_supported": True}

    await refused(openid)
    assert "token" not in openid.asked
    assert await openid.identify(iss=ISSUER) == GITA


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"token_endpoint": "http://id.example/token"},
        {"jwks_uri": "http://id.example/jwks"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"userinfo_endpoint": 7},
        {"token_endpoint": None},
    ],
    ids=str,
)
async def test_a_provider_that_describes_itself_unsafely_is_not_used(
    openid: OpenId, wrong: dict[str, object]
) -> None:
    openid.metadata = wrong

    with pytest.raises(IdentityUnavailable):
        await openid.provider.authorization_url(openid.attempt)


async def test_an_issuer_may_end_with_a_slash(openid: OpenId) -> None:
    openid.metadata = {"issuer": f"{ISSUER}/"}
    openid.claims = {"iss": f"{ISSUER}/"}

    assert (await openid.identify()).issuer == f"{ISSUER}/"


async def test_an_address_the_token_leaves_out_is_asked_for(openid: OpenId) -> None:
    openid.claims = {"email": None, "email_verified": None}
    openid.person = {"sub": "gita-7", "email": "Gita@Example.com", "email_verified": True}

    assert await openid.identify() == GITA
    assert openid.requests[-1].headers["authorization"] == "Bearer at"


async def test_user_info_of_another_person_is_refused(openid: OpenId) -> None:
    openid.claims = {"email": None}
    openid.person = {"sub": "ravi-8", "email": "ravi@example.com", "email_verified": True}

    await refused(openid)


@pytest.mark.parametrize(
    ("sent_claims", "email", "verified"),
    [
        ({"email_verified": None}, "gita@example.com", False),
        ({"email_verified": False}, "gita@example.com", False),
        ({"email_verified": "false"}, "gita@example.com", False),
        ({"email_verified": "true"}, "gita@example.com", True),
        ({"email_verified": 1}, "gita@example.com", False),
        ({"email": "gita", "email_verified": True}, "", False),
        ({"email": ["gita@example.com"], "email_verified": True}, "", False),
    ],
    ids=str,
)
async def test_an_address_counts_as_proved_only_when_the_provider_says_so(
    openid: OpenId, sent_claims: dict[str, object], email: str, verified: bool
) -> None:
    openid.claims = sent_claims

    gita = await openid.identify()

    assert (gita.email, gita.email_verified) == (email, verified)


@pytest.mark.parametrize(
    ("sent_claims", "name"),
    [
        ({"name": "  Gita\n\tRao "}, "Gita Rao"),
        ({"name": "Gi\u202eta\0"}, "Gita"),
        ({"name": "x" * 101}, "x" * 100),
        ({"name": None, "given_name": "Gita"}, "Gita"),
        ({"name": 7}, ""),
    ],
)
async def test_a_name_is_one_line_without_hidden_signs(
    openid: OpenId, sent_claims: dict[str, object], name: str
) -> None:
    openid.claims = sent_claims

    assert (await openid.identify()).name == name


async def test_our_secret_goes_into_the_header_percent_encoded(openid: OpenId) -> None:
    await openid.identify()

    (sent,) = [each for each in openid.requests if each.url.path == "/token"]
    kind, sent_claims = sent.headers["authorization"].split()
    assert (kind, b64decode(sent_claims)) == ("Basic", b"onehour:se%25cret")
    assert parse_qs(sent.content.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["a-code"],
        "code_verifier": [openid.attempt.verifier],
        "redirect_uri": [openid.attempt.redirect_uri],
    }


async def test_our_secret_goes_into_the_body_where_no_header_is_taken(openid: OpenId) -> None:
    openid.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    await openid.identify()

    (sent,) = [each for each in openid.requests if each.url.path == "/token"]
    sent_claims = parse_qs(sent.content.decode())
    assert "authorization" not in sent.headers
    assert (sent_claims["client_id"], sent_claims["client_secret"]) == (["onehour"], ["se%cret"])


@pytest.mark.parametrize("page", ["metadata", "token", "keys"])
@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectTimeout("nobody there"),
        httpx.Response(500, json={"error": "server_error"}),
        httpx.Response(429, json={}),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}, json={}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(404, text="nothing here"),
    ],
    ids=lambda answer: getattr(answer, "status_code", "silent"),
)
async def test_a_provider_that_answers_nonsense_is_unavailable(
    openid: OpenId, page: str, answer: Any
) -> None:
    openid.answers[page] = answer

    await unavailable(openid)
    assert set(openid.asked) <= {"metadata", "token", "keys"}


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        ("invalid_grant", IdentityRefused),
        ("something_new", IdentityRefused),
        ("invalid_client", IdentityUnavailable),
    ],
)
async def test_a_code_is_refused_and_our_own_mistakes_are_not_the_visitors(
    openid: OpenId, error: str, raised: type[Exception]
) -> None:
    openid.answers["token"] = httpx.Response(400, json={"error": error})

    with pytest.raises(raised):
        await openid.identify()


@pytest.mark.parametrize("page", ["metadata", "token", "keys"])
async def test_an_answer_beyond_a_megabyte_is_not_read(openid: OpenId, page: str) -> None:
    sent_claims = json.dumps(openid.page(page)).encode()
    openid.answers[page] = httpx.Response(200, content=sent_claims.ljust(1024 * 1024))
    assert await openid.identify() == GITA
    openid.clock.advance(timedelta(days=1))

    openid.token = openid.id_token()
    sent_claims = json.dumps(openid.page(page)).encode()
    openid.answers[page] = httpx.Response(200, content=sent_claims.ljust(1024 * 1024 + 1))
    await unavailable(openid)


async def test_a_call_ends_at_its_deadline(openid: OpenId, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.oauth.wire.SECONDS_PER_CALL", 0.05)

    class Dripping(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            while True:
                await asyncio.sleep(0.01)
                yield b" "

    openid.answers["metadata"] = httpx.Response(200, stream=Dripping())

    async with asyncio.timeout(PATIENCE_S):  # without a deadline it would never end
        await unavailable(openid)


@pytest.mark.parametrize("error", ["server_error", "access_denied", ""])
async def test_an_error_is_an_end_even_beside_a_code(openid: OpenId, error: str) -> None:
    await refused(openid, error=error)
    assert openid.asked == []


def test_secrets_of_an_attempt_are_not_shown(openid: OpenId) -> None:
    attempt = openid.attempt

    for secret in (attempt.state, attempt.nonce, attempt.verifier):
        assert secret not in repr(attempt)
