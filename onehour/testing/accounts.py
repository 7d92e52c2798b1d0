"""What every keeper of passwords promises: inherit `PasswordsContract`, provide `passwords`."""

from __future__ import annotations

import pytest

from ports.accounts import Passwords

LONG = "four quiet trains " * 7
"""Beyond the 72 bytes at which bcrypt alone would stop looking."""


class PasswordsContract:
    @pytest.mark.parametrize("password", ["short one", LONG, "पासवर्ड और शब्द", "nul\0inside it"])
    async def test_a_password_matches_its_own_hash(
        self, passwords: Passwords, password: str
    ) -> None:
        assert await passwords.matches(password, await passwords.hash(password))

    async def test_every_letter_counts(self, passwords: Passwords) -> None:
        hashed = await passwords.hash(LONG)
        for other in (LONG[:-1], LONG + "x", LONG.upper(), ""):
            assert not await passwords.matches(other, hashed)

    async def test_the_hash_does_not_tell_the_password(self, passwords: Passwords) -> None:
        assert "trains" not in await passwords.hash("four quiet trains")

    async def test_nobody_matches_no_hash(self, passwords: Passwords) -> None:
        assert not await passwords.matches("anything", None)
