"""Removal of an erased person's name from records that are retained."""

from __future__ import annotations

from dataclasses import replace

from core.accounts import ERASED_NAME
from core.bookings import Party


def without_name(party: Party, account_id: str) -> Party:
    """The party, with the name replaced if it is that account."""
    return replace(party, name=ERASED_NAME) if party.account_id == account_id else party
