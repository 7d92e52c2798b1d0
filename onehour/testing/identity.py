"""The contract of every `ports.identity.IdentityProvider`.

Inherit `IdentityProviderContract`, or `NoncedIdentityProviderContract` where answers repeat the
attempt's nonce (OpenID), and give the fixture `provider_setup`.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Protocol

import pytest

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
    with "unverified".
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


async def identified(provider_setup: ProviderSetup, name: str) -> Identity:
    attempt, answer = await callback_query(provider_setup, name)
    return await provider_setup.provider.identify(attempt, answer)


class IdentityProviderContract:
    """Tests of the contract in `ports/identity.py`."""

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

    async def test_a_wrong_nonce_is_refused(self, provider_setup: ProviderSetup) -> None:
        attempt, answer = await callback_query(provider_setup)

        with pytest.raises(IdentityRefused):
            await provider_setup.provider.identify(
                replace(attempt, nonce=an_attempt().nonce), answer
            )
