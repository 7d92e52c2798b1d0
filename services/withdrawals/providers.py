"""The payout providers by name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import Conflict
from ports.payouts import PayoutProvider, PayoutsUnavailable

log = logging.getLogger(__name__)


class NoPayouts(Conflict):
    """Withdrawals are not possible on this site."""

    code = "no_payouts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """`chosen` is the name of the provider of new payout accounts, empty if there is none."""

    known: Mapping[str, PayoutProvider]
    chosen: str

    def for_new(self) -> str:
        """Raises `NoPayouts`."""
        if self.chosen not in self.known:
            raise NoPayouts
        return self.chosen

    def of(self, name: str) -> PayoutProvider:
        """The provider that an account or a withdrawal was made with. Raises
        `PayoutsUnavailable` if it is not configured any more."""
        found = self.known.get(name)
        if found is None:
            log.error("a withdrawal needs the payout provider %s, which is not configured", name)
            raise PayoutsUnavailable
        return found
