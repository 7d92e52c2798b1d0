"""Sites to sign in with that each break one promise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from adapters.memory.identity import MemoryIdentityProvider
from ports.identity import Attempt, Identity, IdentityRefused, IdentityUnavailable
from tests.contracts.broken.suite import breaks

Answer = Mapping[str, str]


@breaks("it_has_a_name_for_paths_and_a_label_for_buttons")
class NameWithCapitals(MemoryIdentityProvider):
    def __init__(self) -> None:
        super().__init__("Memory")


@breaks("an_address_nobody_has_proved_is_said_to_be_so")
class EveryAddressIsProved(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        return replace(await super().identify(attempt, answer), email_verified=True)


@breaks("a_name_fits_into_a_profile")
class NamesOfAnyLength(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        found = await super().identify(attempt, answer)
        return replace(found, name=found.email.partition("@")[0])


@breaks("a_person_stays_who_they_are_and_no_other_is_them",
        "people_at_the_same_time_are_not_confused")  # fmt: skip
class OneSubjectForAll(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        return replace(await super().identify(attempt, answer), subject="1")


@breaks("people_at_the_same_time_are_not_confused")
class OneAnswerForAll(MemoryIdentityProvider):
    """What was read last is what all get who asked meanwhile."""

    last: Identity | None = None

    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        self.last = await super().identify(attempt, answer)
        await asyncio.sleep(0)
        return self.last


@breaks("the_address_does_not_contain_the_verifier")
class VerifierInTheAddress(MemoryIdentityProvider):
    async def authorization_url(self, attempt: Attempt) -> str:
        return f"{await super().authorization_url(attempt)}&v={quote(attempt.verifier)}"


@breaks("the_address_has_the_challenge_of_the_verifier")
class PlainChallenge(MemoryIdentityProvider):
    async def authorization_url(self, attempt: Attempt) -> str:
        return (await super().authorization_url(attempt)).replace("S256", "plain")


@breaks("an_answer_to_another_state_is_refused", "an_answer_with_an_odd_state_is_refused",
        "an_answer_that_lacks_a_part_is_refused")  # fmt: skip
class AnyState(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        return await super().identify(attempt, {**answer, "state": attempt.state})


@breaks("an_answer_with_an_odd_state_is_refused")
class EmptyStateWillDo(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        if answer.get("state") == "":
            answer = {**answer, "state": attempt.state}
        return await super().identify(attempt, answer)


@breaks("an_error_of_the_provider_is_refused")
class CodeInSpiteOfAnError(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        if "code" in answer:
            answer = {name: value for name, value in answer.items() if name != "error"}
        return await super().identify(attempt, answer)


@breaks("a_code_is_good_once")
class CodesForEver(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        kept = dict(self._codes)
        found = await super().identify(attempt, answer)
        self._codes.update(kept)
        return found


@breaks("a_wrong_verifier_is_refused")
class NoVerifier(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        grant = self._codes.get(answer.get("code", ""))
        if grant and grant.nonce == attempt.nonce:
            self._codes[answer["code"]] = replace(grant, challenge=_challenge_of(attempt))
        return await super().identify(attempt, answer)


def _challenge_of(attempt: Attempt) -> str:
    from adapters.memory.identity import _challenge

    return _challenge(attempt.verifier)


@breaks("another_redirect_address_is_refused")
class AnyRedirectAddress(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        grant = self._codes.get(answer.get("code", ""))
        uri = grant.redirect_uri if grant else attempt.redirect_uri
        return await super().identify(replace(attempt, redirect_uri=uri), answer)


@breaks("a_wrong_nonce_is_refused")
class AnyNonce(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        grant = self._codes.get(answer.get("code", ""))
        if grant and grant.challenge == _challenge_of(attempt):
            attempt = replace(attempt, nonce=grant.nonce)
        return await super().identify(attempt, answer)


@breaks("no_answer_means_try_again_later")
class NoAnswerIsARefusal(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        try:
            return await super().identify(attempt, answer)
        except IdentityUnavailable:
            raise IdentityRefused from None


@breaks("no_secret_is_shown_in_logs")
class RefusalWithTheCode(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        try:
            return await super().identify(attempt, answer)
        except IdentityRefused as error:
            raise IdentityRefused(f"{error} ({answer.get('code')})") from error


@breaks("a_person_who_denies_access_gets_a_message_that_nothing_changed")
class DenialWithoutAMessage(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        if "error" in answer:
            raise IdentityRefused
        return await super().identify(attempt, answer)


@breaks("a_code_nobody_gave_is_refused", "an_odd_code_is_refused", "a_code_is_good_once")
class UnknownCodeIsAnOutage(MemoryIdentityProvider):
    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        if answer.get("code") and answer["code"] not in self._codes:
            raise IdentityUnavailable
        return await super().identify(attempt, answer)


@breaks("a_code_slipped_into_another_attempt_is_refused")
class AnyAttemptThatBegan(MemoryIdentityProvider):
    """A code is good in every attempt that has begun here."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: set[tuple[str, str]] = set()

    async def authorization_url(self, attempt: Attempt) -> str:
        self.begun.add((attempt.nonce, attempt.verifier))
        return await super().authorization_url(attempt)

    async def identify(self, attempt: Attempt, answer: Answer) -> Identity:
        grant = self._codes.get(answer.get("code", ""))
        if grant and (attempt.nonce, attempt.verifier) in self.begun:
            theirs = replace(grant, nonce=attempt.nonce, challenge=_challenge_of(attempt))
            self._codes[answer["code"]] = theirs
        return await super().identify(attempt, answer)
