"""What every `ports.identity.IdentityProvider` keeps.

Inherit `IdentityProviderContract`, or `NoncedIdentityProviderContract` where answers repeat the
attempt's nonce (OpenID), and give the fixture `desk`.
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

__all__ = ["Desk", "IdentityProviderContract", "NoncedIdentityProviderContract", "an_attempt"]

CALLBACK = "http://127.0.0.1:8000/api/v1/auth/oauth/contract/callback"
OTHER_CALLBACK = "http://127.0.0.1:8000/api/v1/auth/oauth/other/callback"


class Desk(Protocol):
    """A provider, and the people who sign in there. It knows both callbacks above.

    A person of the name `x` has the address `x@example.com`, verified unless the name begins
    with "unverified".
    """

    provider: IdentityProvider

    async def consent(self, address: str, name: str) -> dict[str, str]:
        """This person opens the address and agrees; the query their browser comes back with."""
        ...

    async def deny(self, address: str) -> dict[str, str]:
        """Somebody opens the address and says no."""
        ...

    async def silence(self) -> None:
        """From now on the provider does not answer us."""
        ...


def an_attempt(redirect_uri: str = CALLBACK) -> Attempt:
    """A new one, with secrets of its own."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, redirect_uri)


async def came_back(
    desk: Desk, name: str = "gita", attempt: Attempt | None = None
) -> tuple[Attempt, dict[str, str]]:
    """An attempt, and the answer somebody's browser brings for it."""
    attempt = attempt or an_attempt()
    return attempt, await desk.consent(await desk.provider.address(attempt), name)


async def identified(desk: Desk, name: str) -> Identity:
    attempt, answer = await came_back(desk, name)
    return await desk.provider.identify(attempt, answer)


class IdentityProviderContract:
    """Tests of the promises in `ports/identity.py`."""

    @pytest.fixture
    def desk(self) -> Desk:
        raise NotImplementedError

    async def test_it_has_a_name_for_paths_and_a_label_for_buttons(self, desk: Desk) -> None:
        assert desk.provider.name.isidentifier()
        assert desk.provider.name == desk.provider.name.lower()
        assert desk.provider.label

    async def test_a_right_answer_identifies(self, desk: Desk) -> None:
        gita = await identified(desk, "gita")

        assert gita.issuer.startswith(("https://", "http://127.0.0.1"))
        assert gita.subject
        assert (gita.email, gita.email_verified) == ("gita@example.com", True)
        assert "gita" in gita.name.lower()

    async def test_a_person_stays_who_they_are_and_no_other_is_them(self, desk: Desk) -> None:
        first, again, other = [await identified(desk, name) for name in ("gita", "gita", "ravi")]

        assert (again.issuer, again.subject) == (first.issuer, first.subject)
        assert other.issuer == first.issuer
        assert other.subject != first.subject

    async def test_an_address_nobody_has_proved_is_said_to_be_so(self, desk: Desk) -> None:
        somebody = await identified(desk, "unverified-gita")

        assert somebody.email == "unverified-gita@example.com"
        assert not somebody.email_verified

    async def test_the_way_there_tells_no_verifier(self, desk: Desk) -> None:
        attempt = an_attempt()

        address = await desk.provider.address(attempt)

        assert attempt.state in address
        assert attempt.verifier not in address

    async def test_an_answer_to_another_state_is_refused(self, desk: Desk) -> None:
        attempt, answer = await came_back(desk)

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(attempt, {**answer, "state": an_attempt().state})

        assert await desk.provider.identify(attempt, answer)

    @pytest.mark.parametrize("part", ["state", "code"])
    async def test_an_answer_that_lacks_a_part_is_refused(self, desk: Desk, part: str) -> None:
        attempt, answer = await came_back(desk)
        del answer[part]

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(attempt, answer)

    async def test_a_code_nobody_gave_is_refused(self, desk: Desk) -> None:
        attempt, answer = await came_back(desk)

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(attempt, {**answer, "code": "made-up"})

    async def test_a_code_is_good_once(self, desk: Desk) -> None:
        attempt, answer = await came_back(desk)
        await desk.provider.identify(attempt, answer)

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(attempt, answer)

    async def test_a_code_slipped_into_another_attempt_is_refused(self, desk: Desk) -> None:
        _, answer = await came_back(desk)
        other, theirs = await came_back(desk, "ravi")

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(other, {**theirs, "code": answer["code"]})

    async def test_a_wrong_verifier_is_refused(self, desk: Desk) -> None:
        attempt, answer = await came_back(desk)

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(replace(attempt, verifier=an_attempt().verifier), answer)

    async def test_another_redirect_address_is_refused(self, desk: Desk) -> None:
        attempt, answer = await came_back(desk)

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(replace(attempt, redirect_uri=OTHER_CALLBACK), answer)

    async def test_a_person_who_says_no_is_told_that_nothing_changed(self, desk: Desk) -> None:
        attempt = an_attempt()
        answer = await desk.deny(await desk.provider.address(attempt))

        with pytest.raises(IdentityRefused, match="You chose not to sign in this way"):
            await desk.provider.identify(attempt, answer)

    async def test_silence_means_try_again_later(self, desk: Desk) -> None:
        attempt, answer = await came_back(desk)
        await desk.silence()

        with pytest.raises(IdentityUnavailable):
            await desk.provider.identify(attempt, answer)


class NoncedIdentityProviderContract(IdentityProviderContract):
    """For providers whose answers repeat the nonce."""

    async def test_a_wrong_nonce_is_refused(self, desk: Desk) -> None:
        attempt, answer = await came_back(desk)

        with pytest.raises(IdentityRefused):
            await desk.provider.identify(replace(attempt, nonce=an_attempt().nonce), answer)
