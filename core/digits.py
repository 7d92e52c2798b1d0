"""Digits and codes as people type them: in any script, with separators."""

from __future__ import annotations

import unicodedata

LONGEST = 200
"""Characters that are read: every code is far shorter."""
SEPARATORS = frozenset("\t\r\n._·•․‧。｡,، ")
_CATEGORIES = frozenset(("Zs", "Pd", "Cf"))
"""Spaces, hyphens and dashes, and invisible characters, also separate."""


def folded_digits(text: str) -> str:
    """The text with 0 to 9 for the decimal digits of all scripts: '１２' and '१२' are '12'."""
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def folded_code(text: str) -> str:
    """A code without separators and with digits 0 to 9; full-width letters become plain ones.

    The case of letters stays. Other characters stay, so that they can be refused.
    """
    plain = unicodedata.normalize("NFKC", text[:LONGEST])
    kept = (
        char
        for char in folded_digits(plain)
        if char not in SEPARATORS and unicodedata.category(char) not in _CATEGORIES
    )
    return unicodedata.normalize("NFKC", "".join(kept))
