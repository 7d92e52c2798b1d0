"""Recovery codes of an authenticator app, derived from a nonce and stored as hashes."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from core.accounts import Account, AccountId
from core.digits import folded_code
from core.factors import HANDLE, RECOVERY_CODES
from ports.passwords import Passwords
from services.accounts.codes import CodeGenerator

SECRET = 10
"""Letters and digits of a recovery code after its handle: 50 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """With the stored nonce and the server key the codes can be shown again until they are saved
    (docs/decisions/0005-codes-derived-from-a-nonce.md)."""

    code_generator: CodeGenerator
    passwords: Passwords

    async def make(
        self, owner: AccountId, nonce: str
    ) -> tuple[list[str], tuple[tuple[str, str], ...]]:
        """The codes to show, and the pairs of handle and hash to store."""
        codes = self._derived(owner, nonce)
        hashes = [(code[:HANDLE], await self.passwords.hash(code[HANDLE:])) for code in codes]
        return [_shown(code) for code in codes], tuple(hashes)

    def unsaved(self, account: Account) -> Sequence[str]:
        """The codes of the stored nonce, if there is one and the key is still that of the codes."""
        totp = account.totp
        if totp is None or not totp.recovery_nonce:
            return ()
        codes = self._derived(account.id, totp.recovery_nonce)
        if [code[:HANDLE] for code in codes] != [handle for handle, _ in totp.recovery]:
            return ()
        return [_shown(code) for code in codes]

    def _derived(self, owner: AccountId, nonce: str) -> Sequence[str]:
        """Ten codes without separators, each with another handle."""
        codes: dict[str, str] = {}
        number = 0
        while len(codes) < RECOVERY_CODES:
            mac = self.code_generator.mac(f"recovery|{owner}|{nonce}|{number}")
            code = base64.b32encode(mac).decode().lower()[: HANDLE + SECRET]
            codes.setdefault(code[:HANDLE], code)
            number += 1
        return tuple(codes.values())


def _shown(code: str) -> str:
    """In groups, as it is easier to read."""
    return f"{code[:HANDLE]}-{code[HANDLE:7]}-{code[7:]}"


def split_recovery_code(recovery: str) -> tuple[str, str]:
    """Handle and secret of a recovery code; case, separators and the script of digits do not
    matter."""
    code = folded_code(recovery).lower()[:64]
    return code[:HANDLE], code[HANDLE:]
