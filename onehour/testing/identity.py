"""The contract of every `ports.identity.IdentityProvider`.

Inherit `IdentityProviderContract`, or `NoncedIdentityProviderContract` where answers repeat the
attempt's nonce (OpenID), and give the fixture `provider_setup`.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

import pytest

from onehour.testing.suite import Contract, shown_by, since
from ports.identity import (
    Attempt,
    Identity,
    IdentityProvider,
    IdentityRefused,
    IdentityUnavailable,
)

__all__ = [
    "IdentityProviderContract",
    "NoncedIdentityProviderContract",
    "ProviderSetup",
    "an_attempt",
]

CALLBACK = "http://127.0.0.1:8000/api/v1/auth/oauth/contract/callback"
OTHER_CALLBACK = "http://127.0.0.1:8000/api/v1/auth/oauth/other/callback"


class ProviderSetup(Protocol):
    """The provider under test, and people who sign in there. It knows both callbacks above.

    A person of the name `x` has the address `x@example.com`, verified unless the name begins
    with "unverified". A setup may have `secrets`, texts that must not be in logs.
    """

    provider: IdentityProvider

    async def consent(self, address: str, name: str) -> dict[str, str]:
        """The person opens the address and agrees; returns the query of the callback."""
        ...

    async def deny(self, address: str) -> dict[str, str]:
        """A person opens the address and denies access; returns the query of the callback."""
        ...

    async def disconnect(self) -> None:
        """From now on the provider does not answer."""
        ...


def an_attempt(redirect_uri: str = CALLBACK) -> Attempt:
    """A new attempt with its own secrets."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, redirect_uri)


async def callback_query(
    provider_setup: ProviderSetup, name: str = "gita", attempt: Attempt | None = None
) -> tuple[Attempt, dict[str, str]]:
    """An attempt, and the identity after this person's browser has returned."""
    attempt = attempt or an_attempt()
    return attempt, await provider_setup.consent(
        await provider_setup.provider.authorization_url(attempt), name
    )


def challenge_of(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


async def identified(provider_setup: ProviderSetup, name: str) -> Identity:
    attempt, answer = await callback_query(provider_setup, name)
    return await provider_setup.provider.identify(attempt, answer)


class IdentityProviderContract(Contract):
    """Tests of the contract in `ports/identity.py`."""

    port = "identity"

    @pytest.fixture
    def provider_setup(self) -> ProviderSetup:
        raise NotImplementedError

    async def test_it_has_a_name_for_paths_and_a_label_for_buttons(
        self, provider_setup: ProviderSetup
    ) -> None:
        assert provider_setup.provider.name.isidentifier()
        assert provider_setup.provider.name == provider_setup.provider.name.lower()
        assert provider_setup.provider.label

    async def test_a_right_answer_identifies(self, provider_setup: ProviderSetup) -> None:
        gita = await identified(provider_setup, "gita")

        assert gita.issuer.startswith(("https://", "http://127.0.0.1"))
        assert gita.subject
        assert (gita.email, gita.email_verified) == ("gita@example.com", True)
        assert "gita" in gita.name.lower()

    async def test_a_person_stays_who_they_are_and_no_other_is_them(
        self, provider_setup: ProviderSetup
    ) -> None:
        first, again, other = [
            await identified(provider_setup, name) for name in ("gita", "gita", "ravi")
        ]

        assert (again.issuer, again.subject) == (first.issuer, first.subject)
        assert other.issuer == first.issuer
        assert other.subject != first.subject

    async def test_an_address_nobody_has_proved_is_said_to_be_so(
        self, provider_setup: ProviderSetup
    ) -> None:
        somebody = await identified(provider_setup, "unverified-gita")

        assert somebody.email == "unverified-gita@example.com"
        assert not somebody.email_verified

    async def test_the_address_does_not_contain_the_verifier(
        self, provider_setup: ProviderSetup
    ) -> None:
        attempt = an_attempt()

        address = await provider_setup.provider.authorization_url(attempt)

        assert attempt.state in address
        assert attempt.verifier not in address

    @since(2)
    async def test_the_address_has_the_challenge_of_the_verifier(
        self, provider_setup: ProviderSetup
    ) -> None:
        attempt = an_attempt()

        address = await provider_setup.provider.authorization_url(attempt)

        asked = parse_qs(urlsplit(address).query)
        assert asked["code_challenge"] == [challenge_of(attempt.verifier)]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == [attempt.redirect_uri]

    @since(2)
    async def test_a_name_fits_into_a_profile(self, provider_setup: ProviderSetup) -> None:
        long = await identified(provider_setup, "gita" * 40)

        assert len(long.name) <= 100

    @since(2)
    async def test_people_at_the_same_time_are_not_confused(
        self, provider_setup: ProviderSetup
    ) -> None:
        names = [f"person{number}" for number in range(5)]
        answers = [await callback_query(provider_setup, name) for name in names]

        found = await asyncio.gather(
            *(provider_setup.provider.identify(*answer) for answer in answers)
        )

        assert [each.email for each in found] == [f"{name}@example.com" for name in names]
        assert len({each.subject for each in found}) == 5

    @since(2)
    @pytest.mark.parametrize("error", ["server_error", "login_required", "", "✓\r\n"])
    async def test_an_error_of_the_provider_is_refused(
        self, provider_setup: ProviderSetup, error: str
    ) -> None:
        """Also beside a code."""
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(attempt, {**answer, "error": error})

    @since(2)
    @pytest.mark.parametrize("state", ["", "é", "\udce9", "x" * 100_000])
    async def test_an_answer_with_an_odd_state_is_refused(
        self, provider_setup: ProviderSetup, state: str
    ) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(attempt, {**answer, "state": state})

    @since(2)
    @pytest.mark.parametrize("code", ["", "é✓", "a b&c=d", "x" * 5_000])
    async def test_an_odd_code_is_refused(self, provider_setup: ProviderSetup, code: str) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(attempt, {**answer, "code": code})

    @since(2)
    async def test_no_secret_is_shown_in_logs(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)
        secrets = {attempt.verifier, "made-up-code", *getattr(provider_setup, "secrets", ())}

        provider = provider_setup.provider

        shown = await shown_by(provider.identify(attempt, {**answer, "code": "made-up-code"}))

        shown += repr(provider)
        assert [secret for secret in secrets if secret in shown] == []

    async def test_an_answer_to_another_state_is_refused(
        self, provider_setup: ProviderSetup
    ) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(attempt, {**answer, "state": an_attempt().state})

        assert await provider_setup.provider.identify(attempt, answer)

    @pytest.mark.parametrize("part", ["state", "code"])
    async def test_an_answer_that_lacks_a_part_is_refused(
        self, provider_setup: ProviderSetup, part: str
    ) -> None:
        attempt, answer = await callback_query(provider_setup)
        del answer[part]

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(attempt, answer)

    async def test_a_code_nobody_gave_is_refused(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(attempt, {**answer, "code": "made-up"})

    async def test_a_code_is_good_once(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)
        await provider_setup.provider.identify(attempt, answer)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(attempt, answer)

    async def test_a_code_slipped_into_another_attempt_is_refused(
        self, provider_setup: ProviderSetup
    ) -> None:
        _, answer = await callback_query(provider_setup)
        other, theirs = await callback_query(provider_setup, "ravi")

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(other, {**theirs, "code": answer["code"]})

    async def test_a_wrong_verifier_is_refused(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(
                replace(attempt, verifier=an_attempt().verifier), answer
            )

    async def test_another_redirect_address_is_refused(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(
                replace(attempt, redirect_uri=OTHER_CALLBACK), answer
            )

    async def test_a_person_who_denies_access_gets_a_message_that_nothing_changed(
        self, provider_setup: ProviderSetup
    ) -> None:
        attempt = an_attempt()
        answer = await provider_setup.deny(await provider_setup.provider.authorization_url(attempt))

        with pytest.raises(IdentityRefused, match="You chose not to sign in this way"):
            await provider_setup.provider.identify(attempt, answer)

    async def test_no_answer_means_try_again_later(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)
        await provider_setup.disconnect()

        with pytest.raises(IdentityUnavailable):
            await provider_setup.provider.identify(attempt, answer)


class NoncedIdentityProviderContract(IdentityProviderContract):
    """For providers whose answers repeat the nonce."""

    port = "identity"

    async def test_a_wrong_nonce_is_refused(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(
                replace(attempt, nonce=an_attempt().nonce), answer
            )
