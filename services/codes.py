"""Six-digit codes that exist in no database: derived from a nonce with the house's key.

The mail is sent by a relay, so its effect must carry what the code is made from. A nonce
alone tells nothing; with the key it gives the same six digits in any process.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

DIGITS = 6


@dataclass(frozen=True, slots=True)
class CodeMaker:
    key: bytes

    def code(self, code_id: str, nonce: str) -> str:
        """The digits the mail shows."""
        number = int.from_bytes(self._mac(f"code|{code_id}|{nonce}")[:8], "big")
        return f"{number % 10**DIGITS:0{DIGITS}d}"

    def digest(self, code_id: str, code: str) -> str:
        """What is kept to compare a guess with."""
        return self._mac(f"digest|{code_id}|{code}").hex()

    def matches(self, code_id: str, guess: str, digest: str) -> bool:
        return hmac.compare_digest(self.digest(code_id, guess), digest)

    def _mac(self, text: str) -> bytes:
        return hmac.new(self.key, text.encode(), hashlib.sha256).digest()
