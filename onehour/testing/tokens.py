"""The contract of every signer of access tokens: inherit `TokenSignerContract` and provide the
fixture `signer_setup`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onehour.testing.suite import Contract
from onehour.testing.tokens_setup import (
    AUDIENCE,
    CLAIMS,
    HEADER,
    ISSUER,
    LEEWAY,
    NOW,
    PAYLOAD,
    SECOND,
    SignerSetup,
    base64url,
)
from ports.tokens import TokenRefused, TokenSigner

on_any_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""The time of an example depends on the machine, not on the code."""


def _without(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in content.items() if each != name}


def refuses(signer: TokenSigner, token: str, now: datetime = NOW) -> bool:
    with pytest.raises(TokenRefused) as refused:
        signer.verify(token, now=now)
    return refused.value.message == "This access token is not valid. Get a new one."


class TokenSignerContract(Contract):
    port = "tokens"

    def test_what_is_signed_is_read(self, signer_setup: SignerSetup) -> None:
        token = signer_setup.signer().sign(CLAIMS)

        assert signer_setup.signer().verify(token, now=NOW) == CLAIMS
        assert set(token) <= set("0123456789.-_") | set(map(chr, [*range(65, 91), *range(97, 123)]))

    def test_any_names_come_back_as_they_were(self, signer_setup: SignerSetup) -> None:
        claims = replace(CLAIMS, account_id='a"\\é\u202e', session_id="स", token_id=" \n")
        signer = signer_setup.signer()

        assert signer.verify(signer.sign(claims), now=NOW) == claims

    def test_times_count_in_whole_seconds(self, signer_setup: SignerSetup) -> None:
        signer, part = signer_setup.signer(), timedelta(milliseconds=999)
        fine = replace(CLAIMS, issued_at=NOW + part, expires_at=CLAIMS.expires_at + part)

        assert signer.verify(signer.sign(fine), now=NOW) == CLAIMS

    def test_tokens_differ_when_their_ids_do(self, signer_setup: SignerSetup) -> None:
        signer = signer_setup.signer()
        assert signer.sign(CLAIMS) != signer.sign(replace(CLAIMS, token_id="tok_2"))

    def test_no_character_can_be_altered_added_or_left_out(self, signer_setup: SignerSetup) -> None:
        signer = signer_setup.signer()
        token = signer.sign(CLAIMS)

        for place in range(len(token)):
            before, mark, after = token[:place], token[place], token[place + 1 :]
            others = {"A" if mark != "A" else "B", chr(ord(mark) ^ 1), chr(ord(mark) ^ 2), "=", " "}
            for altered in {"", mark * 2, *others} - {mark}:
                if before + altered + after != token:
                    assert refuses(signer, before + altered + after)

    def test_the_last_character_has_no_equivalent(self, signer_setup: SignerSetup) -> None:
        signer = signer_setup.signer()
        token = signer.sign(CLAIMS)

        for mark in map(chr, range(33, 127)):
            assert mark == token[-1] or refuses(signer, token[:-1] + mark)

    @pytest.mark.parametrize("ending", ["=", "==", "\n", " ", ".", "\0", "AA", ".e30.AA"])
    def test_nothing_can_be_put_around_it(self, signer_setup: SignerSetup, ending: str) -> None:
        signer = signer_setup.signer()
        token = signer.sign(CLAIMS)

        assert refuses(signer, token + ending)
        assert refuses(signer, ending + token)

    def test_a_token_of_another_site_is_refused(self, signer_setup: SignerSetup) -> None:
        signer = signer_setup.signer()

        assert refuses(signer, signer_setup.signer(issuer="https://other.example").sign(CLAIMS))
        assert refuses(
            signer, signer_setup.signer(audience="https://hours.example/admin").sign(CLAIMS)
        )
        assert refuses(signer, signer_setup.signer({"winter": "x" * 32}).sign(CLAIMS))
        assert signer.verify(signer.sign(CLAIMS), now=NOW) == CLAIMS

    def test_a_token_ends_half_a_minute_after_its_time(self, signer_setup: SignerSetup) -> None:
        signer = signer_setup.signer()
        token, end = signer.sign(CLAIMS), CLAIMS.expires_at + LEEWAY

        assert signer.verify(token, now=end - SECOND) == CLAIMS
        assert refuses(signer, token, end)
        assert refuses(signer, token, end + timedelta(days=3650))

    def test_a_token_of_a_clock_that_is_ahead_is_good_within_half_a_minute(
        self, signer_setup: SignerSetup
    ) -> None:
        signer = signer_setup.signer()
        token = signer.sign(CLAIMS)

        assert signer.verify(token, now=NOW - LEEWAY) == CLAIMS
        assert refuses(signer, token, NOW - LEEWAY - SECOND)

    def test_keys_change_without_a_pause(self, signer_setup: SignerSetup) -> None:
        old = signer_setup.signer({"autumn": "a" * 32})
        both = signer_setup.signer({"winter": "w" * 32, "autumn": "a" * 32})
        new = signer_setup.signer({"winter": "w" * 32})
        early, late = old.sign(CLAIMS), both.sign(CLAIMS)

        assert both.verify(early, now=NOW) == both.verify(late, now=NOW) == CLAIMS
        assert new.verify(late, now=NOW) == CLAIMS
        assert refuses(new, early)
        assert refuses(old, late)

    def test_a_key_is_identified_by_its_name_and_its_secret(
        self, signer_setup: SignerSetup
    ) -> None:
        token = signer_setup.signer({"winter": "w" * 32}).sign(CLAIMS)

        assert refuses(signer_setup.signer({"spring": "w" * 32}), token)
        assert refuses(signer_setup.signer({"winter": "W" * 32}), token)

    @pytest.mark.parametrize(
        "name", ["none", "None", "NONE", "nOnE", "", "HS512", "RS256", "ES256", "EdDSA", "dir"]
    )
    def test_the_token_does_not_choose_its_algorithm(
        self, signer_setup: SignerSetup, name: str
    ) -> None:
        signer, header = signer_setup.signer(), HEADER | {"alg": name}

        assert refuses(signer, signer_setup.forged(header, PAYLOAD))
        assert refuses(signer, signer_setup.forged(header, PAYLOAD, digest="sha512"))
        assert refuses(signer, signer_setup.forged(header, PAYLOAD).rpartition(".")[0] + ".")
        assert refuses(signer, signer_setup.forged(header, PAYLOAD).rpartition(".")[0])

    @pytest.mark.parametrize(
        "change",
        [
            {"typ": "JWT"}, {"typ": "reset+jwt"}, {"typ": "AT+JWT "}, {"typ": ["at+jwt"]},
            {"kid": "spring"}, {"kid": ""}, {"kid": None}, {"kid": ["winter"]}, {"kid": {}},
            {"kid": "autumn"}, {"kid": "../winter"}, {"alg": None}, {"alg": ["HS256"]}, {"alg": {}},
            {"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}, {"zip": "DEF"},
            {"jwk": {"kty": "oct", "k": "AAAA"}}, {"jku": "https://evil.example/keys"},
            {"x5u": "https://evil.example/cert"}, {"enc": "A256GCM"},
        ],
        ids=str,
    )  # fmt: skip
    def test_a_header_of_another_kind_is_refused(
        self, signer_setup: SignerSetup, change: dict[str, Any]
    ) -> None:
        assert refuses(signer_setup.signer(), signer_setup.forged(HEADER | change, PAYLOAD))

    @pytest.mark.parametrize("name", HEADER)
    def test_every_part_of_the_header_is_needed(self, signer_setup: SignerSetup, name: str) -> None:
        assert refuses(signer_setup.signer(), signer_setup.forged(_without(HEADER, name), PAYLOAD))

    @pytest.mark.parametrize("name", PAYLOAD)
    @pytest.mark.parametrize(
        "value", [None, "", [], {}, True, float("inf"), 10**300, [1], {"a": 1}]
    )
    def test_a_claim_that_makes_no_sense_is_refused(
        self, signer_setup: SignerSetup, name: str, value: object
    ) -> None:
        assert refuses(signer_setup.signer(), signer_setup.forged(HEADER, PAYLOAD | {name: value}))

    @pytest.mark.parametrize("name", PAYLOAD)
    def test_every_claim_is_needed(self, signer_setup: SignerSetup, name: str) -> None:
        assert refuses(signer_setup.signer(), signer_setup.forged(HEADER, _without(PAYLOAD, name)))

    @pytest.mark.parametrize(
        "change",
        [
            {"aud": [AUDIENCE]}, {"aud": [AUDIENCE, "others"]}, {"aud": AUDIENCE + "/"},
            {"iss": ISSUER + "/"}, {"iss": [ISSUER]},
            {"exp": -1}, {"exp": "1e12"}, {"nbf": PAYLOAD["exp"]},
        ],
        ids=str,
    )  # fmt: skip
    def test_a_claim_that_is_nearly_right_is_refused(
        self, signer_setup: SignerSetup, change: dict[str, Any]
    ) -> None:
        assert refuses(signer_setup.signer(), signer_setup.forged(HEADER, PAYLOAD | change))

    @pytest.mark.parametrize(
        "payload",
        [b"", b"{", b"[]", b"null", b"\xff", b'{"exp": NaN}', b"[" * 2500, b'{"a":' * 400, [], "x"],
    )
    def test_a_payload_that_is_no_object_is_refused(
        self, signer_setup: SignerSetup, payload: object
    ) -> None:
        assert refuses(signer_setup.signer(), signer_setup.forged(HEADER, payload))

    @pytest.mark.parametrize(
        "token",
        ["", ".", "..", "...", "....", "a.b.c", "null", "é.é.é", "\ud800.a.b", "{}.{}.{}", "\0",
         "e30.e30.", "A" * 4096, "." * 4096, "A" * 1_000_000, "." * 1_000_000, "A." * 500_000],
        ids=lambda token: f"{token[:4]!a}{len(token)}",
    )  # fmt: skip
    def test_garbage_is_refused(self, signer_setup: SignerSetup, token: str) -> None:
        assert refuses(signer_setup.signer(), token)

    def test_deep_nesting_is_refused_before_any_signature(self, signer_setup: SignerSetup) -> None:
        for opening in (b"[", b'{"a":'):
            deep = signer_setup.forged(HEADER, opening * 300).split(".")[1]
            assert refuses(signer_setup.signer(), f"{deep}.{deep}.AAAA")

    def test_a_token_that_is_too_long_is_refused_though_the_key_is_right(
        self, signer_setup: SignerSetup
    ) -> None:
        assert refuses(
            signer_setup.signer(), signer_setup.forged(HEADER, PAYLOAD | {"more": "x" * 4096})
        )

    def test_any_text_is_refused(self, signer_setup: SignerSetup) -> None:
        signer = signer_setup.signer()
        anything = st.text(alphabet=st.characters(), max_size=200)
        bytes_in_parts = st.lists(st.binary(max_size=80).map(base64url), max_size=5).map(".".join)

        @on_any_machine
        @given(anything | bytes_in_parts)
        def reading(token: str) -> None:
            assert refuses(signer, token)

        reading()

    def test_any_json_signed_with_the_right_key_is_read_or_refused(
        self, signer_setup: SignerSetup
    ) -> None:
        signer = signer_setup.signer()
        plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
        values = st.recursive(plain, lambda inner: st.lists(inner, max_size=3), max_leaves=5)

        @on_any_machine
        @given(
            st.dictionaries(st.sampled_from([*HEADER, "crit", "b64"]), values, max_size=3),
            st.dictionaries(st.sampled_from([*PAYLOAD, "nbf"]), values, max_size=4),
        )
        def reading(header: dict[str, Any], payload: dict[str, Any]) -> None:
            try:
                claims = signer.verify(
                    signer_setup.forged(HEADER | header, PAYLOAD | payload), now=NOW
                )
            except TokenRefused:
                return
            assert claims.issued_at <= NOW + LEEWAY
            assert claims.expires_at > NOW - LEEWAY

        reading()
