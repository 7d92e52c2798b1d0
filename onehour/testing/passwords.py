"""The contract of adapters of `ports.passwords`: inherit `PasswordsContract` and provide the
fixture `passwords_setup`."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from core.errors import Unavailable
from onehour.testing.suite import Contract
from ports.passwords import Passwords

LONG = "four quiet trains " * 7
"""Longer than the 72 bytes that bcrypt alone compares."""
WORDS = ("meera.krishnan@mail.example", "Meera Krishnan", "Lucía", "hours.example.net")


class PasswordsSetup(ABC):
    """The adapter under test, the work it has done, and the same adapter at a higher cost."""

    passwords: Passwords

    @abstractmethod
    def with_higher_cost(self) -> Passwords:
        """The same adapter after the cost of a hash was raised by one step."""

    @abstractmethod
    def total_work(self) -> int:
        """The work of all hashing so far; one hash at the current cost counts 16."""

    @abstractmethod
    async def exceed_queue(self) -> None:
        """Requests more hashes at once than can be queued; raises the error of the last one."""


class PasswordsContract(Contract):
    port = "passwords"

    @pytest.mark.parametrize(
        "password",
        [
            "short one", LONG, "पासवर्ड और शब्द" * 8, "nul\0inside it", "", "half a pair \ud800",
            "x" * 100_000,
        ],
        ids=len,
    )  # fmt: skip
    async def test_any_text_matches_its_own_hash(
        self, passwords_setup: PasswordsSetup, password: str
    ) -> None:
        hashed = await passwords_setup.passwords.hash(password)
        assert await passwords_setup.passwords.matches(password, hashed)

    async def test_every_character_counts(self, passwords_setup: PasswordsSetup) -> None:
        hashed = await passwords_setup.passwords.hash(LONG)
        for other in (LONG[:-1], LONG + "x", LONG.upper(), "", LONG + "\0", "\0" + LONG):
            assert not await passwords_setup.passwords.matches(other, hashed)

    async def test_what_follows_a_zero_byte_counts(self, passwords_setup: PasswordsSetup) -> None:
        hashed = await passwords_setup.passwords.hash("four\0quiet")
        assert not await passwords_setup.passwords.matches("four\0trains", hashed)
        assert not await passwords_setup.passwords.matches("four", hashed)

    async def test_accents_are_the_same_on_every_keyboard(
        self, passwords_setup: PasswordsSetup
    ) -> None:
        hashed = await passwords_setup.passwords.hash("caf\u00e9 by the river")
        assert await passwords_setup.passwords.matches("cafe\u0301 by the river", hashed)
        assert not await passwords_setup.passwords.matches("cafe by the river", hashed)

    async def test_the_hash_does_not_contain_the_password(
        self, passwords_setup: PasswordsSetup
    ) -> None:
        assert "trains" not in await passwords_setup.passwords.hash("four quiet trains")

    @pytest.mark.parametrize("hashed", [None, "", "no hash", "$2b$04$short", "ü"])
    async def test_without_a_hash_no_password_matches_and_the_refusal_takes_one_hash(
        self, passwords_setup: PasswordsSetup, hashed: str | None
    ) -> None:
        assert not await passwords_setup.passwords.matches("anything", hashed)
        assert passwords_setup.total_work() == 16

    async def test_a_wrong_password_takes_the_work_of_one_hash(
        self, passwords_setup: PasswordsSetup
    ) -> None:
        hashed = await passwords_setup.passwords.hash("four quiet trains")
        before = passwords_setup.total_work()

        assert not await passwords_setup.passwords.matches("four quiet planes", hashed)

        assert passwords_setup.total_work() - before == 16

    async def test_a_hash_is_outdated_when_the_cost_has_been_raised(
        self, passwords_setup: PasswordsSetup
    ) -> None:
        hashed = await passwords_setup.passwords.hash("four quiet trains")
        costlier = passwords_setup.with_higher_cost()

        assert not passwords_setup.passwords.outdated(hashed)
        assert costlier.outdated(hashed)
        assert await costlier.matches("four quiet trains", hashed)
        renewed = await costlier.hash("four quiet trains")
        assert not costlier.outdated(renewed)
        assert not passwords_setup.passwords.outdated(renewed), (
            "a lower cost is no reason to hash anew"
        )

    async def test_an_outdated_hash_takes_as_long_as_no_hash(
        self, passwords_setup: PasswordsSetup
    ) -> None:
        hashed = await passwords_setup.passwords.hash("four quiet trains")
        costlier, start = passwords_setup.with_higher_cost(), passwords_setup.total_work()

        await costlier.matches("four quiet planes", hashed)
        known = passwords_setup.total_work() - start
        await costlier.matches("four quiet planes", None)

        assert passwords_setup.total_work() - start - known == known

    async def test_a_flood_is_refused_at_once(self, passwords_setup: PasswordsSetup) -> None:
        with pytest.raises(Unavailable):
            await passwords_setup.exceed_queue()

    @pytest.mark.parametrize(
        "password",
        [
            "password", "Password1", "P4ssw0rd!", "passwordpassword", "qwertyuiopasdfg",
            "123456789012345", "aaaaaaaaaaaaaaa", "abcdefghijklmno", "letmein 2026!!", "1l0veyou99",
            "1HourDeveloper!", "onehour-onehour", "meera krishnan 1987", "Meera.Krishnan@mail",
            "lucia!lucia!lucia", "hours.example.net", "p-a-s-s-w-o-r-d",
        ],
    )  # fmt: skip
    async def test_common_passwords_are_weak(
        self, passwords_setup: PasswordsSetup, password: str
    ) -> None:
        assert await passwords_setup.passwords.weakness(password, words=WORDS) is not None

    @pytest.mark.parametrize(
        "password",
        ["four quiet trains", "four-quiet-green-trains", "tk4#mPz9", "मेरी बिल्ली सोती है",
         "meera likes violet owls", "monkey-4829-1837-9921"],
    )  # fmt: skip
    async def test_unrelated_words_are_accepted(
        self, passwords_setup: PasswordsSetup, password: str
    ) -> None:
        assert await passwords_setup.passwords.weakness(password, words=WORDS) is None

    async def test_whose_name_it_is_matters(self, passwords_setup: PasswordsSetup) -> None:
        name = "Meera Krishnan"
        assert await passwords_setup.passwords.weakness(name, words=[name]) is not None
        assert await passwords_setup.passwords.weakness(name, words=["Gita Rao"]) is None
