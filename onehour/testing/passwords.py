"""What every keeper of passwords promises: inherit `PasswordsContract`, provide `vault`."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from core.errors import Unavailable
from ports.passwords import Passwords

LONG = "four quiet trains " * 7
"""Beyond the 72 bytes at which bcrypt alone would stop looking."""
WORDS = ("meera.krishnan@mail.example", "Meera Krishnan", "Lucía", "hours.example.net")


class Vault(ABC):
    """A keeper of passwords, and what its tests must see and do."""

    passwords: Passwords

    @abstractmethod
    def dearer(self) -> Passwords:
        """The same keeper, after the cost of a hash was raised by one step."""

    @abstractmethod
    def work(self) -> int:
        """The work of all hashing so far; one hash of today's cost is 16."""

    @abstractmethod
    async def flood(self) -> None:
        """Ask for more hashes at once than may wait; raises what the last of them met."""


class PasswordsContract:
    @pytest.mark.parametrize(
        "password",
        [
            "short one", LONG, "पासवर्ड और शब्द" * 8, "nul\0inside it", "", "half a pair \ud800",
            "x" * 100_000,
        ],
        ids=len,
    )  # fmt: skip
    async def test_any_text_matches_its_own_hash(self, vault: Vault, password: str) -> None:
        hashed = await vault.passwords.hash(password)
        assert await vault.passwords.matches(password, hashed)

    async def test_every_letter_counts(self, vault: Vault) -> None:
        hashed = await vault.passwords.hash(LONG)
        for other in (LONG[:-1], LONG + "x", LONG.upper(), "", LONG + "\0", "\0" + LONG):
            assert not await vault.passwords.matches(other, hashed)

    async def test_what_follows_a_zero_byte_counts(self, vault: Vault) -> None:
        hashed = await vault.passwords.hash("four\0quiet")
        assert not await vault.passwords.matches("four\0trains", hashed)
        assert not await vault.passwords.matches("four", hashed)

    async def test_accents_are_the_same_on_every_keyboard(self, vault: Vault) -> None:
        hashed = await vault.passwords.hash("caf\u00e9 by the river")
        assert await vault.passwords.matches("cafe\u0301 by the river", hashed)
        assert not await vault.passwords.matches("cafe by the river", hashed)

    async def test_the_hash_does_not_tell_the_password(self, vault: Vault) -> None:
        assert "trains" not in await vault.passwords.hash("four quiet trains")

    @pytest.mark.parametrize("hashed", [None, "", "no hash", "$2b$04$short", "ü"])
    async def test_nobody_matches_no_hash_and_it_takes_one_hash_to_say_so(
        self, vault: Vault, hashed: str | None
    ) -> None:
        assert not await vault.passwords.matches("anything", hashed)
        assert vault.work() == 16

    async def test_a_wrong_password_takes_the_work_of_one_hash(self, vault: Vault) -> None:
        hashed = await vault.passwords.hash("four quiet trains")
        before = vault.work()

        assert not await vault.passwords.matches("four quiet planes", hashed)

        assert vault.work() - before == 16

    async def test_a_hash_is_outdated_when_the_cost_has_been_raised(self, vault: Vault) -> None:
        hashed = await vault.passwords.hash("four quiet trains")
        dearer = vault.dearer()

        assert not vault.passwords.outdated(hashed)
        assert dearer.outdated(hashed)
        assert await dearer.matches("four quiet trains", hashed)
        renewed = await dearer.hash("four quiet trains")
        assert not dearer.outdated(renewed)
        assert not vault.passwords.outdated(renewed), "a lower cost is no reason to hash anew"

    async def test_an_outdated_hash_takes_as_long_as_no_hash(self, vault: Vault) -> None:
        hashed = await vault.passwords.hash("four quiet trains")
        dearer, start = vault.dearer(), vault.work()

        await dearer.matches("four quiet planes", hashed)
        known = vault.work() - start
        await dearer.matches("four quiet planes", None)

        assert vault.work() - start - known == known

    async def test_a_flood_is_told_at_once_to_come_again(self, vault: Vault) -> None:
        with pytest.raises(Unavailable):
            await vault.flood()

    @pytest.mark.parametrize(
        "password",
        [
            "password", "Password1", "P4ssw0rd!", "passwordpassword", "qwertyuiopasdfg",
            "123456789012345", "aaaaaaaaaaaaaaa", "abcdefghijklmno", "letmein 2026!!", "1l0veyou99",
            "1HourDeveloper!", "onehour-onehour", "meera krishnan 1987", "Meera.Krishnan@mail",
            "lucia!lucia!lucia", "hours.example.net", "p-a-s-s-w-o-r-d",
        ],
    )  # fmt: skip
    async def test_what_is_tried_first_is_weak(self, vault: Vault, password: str) -> None:
        assert await vault.passwords.weakness(password, words=WORDS) is not None

    @pytest.mark.parametrize(
        "password",
        ["four quiet trains", "four-quiet-green-trains", "tk4#mPz9", "मेरी बिल्ली सोती है",
         "meera likes violet owls", "monkey-4829-1837-9921"],
    )  # fmt: skip
    async def test_words_that_do_not_belong_together_are_fine(
        self, vault: Vault, password: str
    ) -> None:
        assert await vault.passwords.weakness(password, words=WORDS) is None

    async def test_whose_name_it_is_matters(self, vault: Vault) -> None:
        name = "Meera Krishnan"
        assert await vault.passwords.weakness(name, words=[name]) is not None
        assert await vault.passwords.weakness(name, words=["Gita Rao"]) is None
