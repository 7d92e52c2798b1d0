"""Sessions of events that come often: read once, and then checked for changes at each use."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.accounts import Account
from core.sessions import Session, is_signed_in
from ports.accounts import CHANGES_KEPT
from services.accounts.sessions import LAST_SEEN_PRECISION, SessionService
from services.shared.recent import forget_oldest

KNOWN_FOR = CHANGES_KEPT / 3
"""A session is read again after this time, and changes are known for longer."""

Active = tuple[Account, Session]


@dataclass(slots=True)
class KnownSessions:
    """The sessions that one process has read.

    Each use is authorised by what is stored when it begins, as by `SessionService.resume_each`:
    what is known is used if the store has no change of it.
    """

    sessions: SessionService
    _known: dict[str, tuple[Active, datetime]] = field(default_factory=dict)

    async def resume_each(self, names: Sequence[str]) -> dict[str, Active]:
        """As `SessionService.resume_each`. One read for known sessions, another for the others."""
        now = self.sessions.clock.now()
        known = {name: active for name in names if (active := self._usable(name, now))}
        unknown = [name for name in names if name not in known]
        outdated, loaded = await asyncio.gather(self._outdated(known), self._load(unknown, now))
        current = {name: active for name, active in known.items() if name not in outdated}
        return current | loaded | await self._load(sorted(outdated), now)

    def _usable(self, name: str, now: datetime) -> Active | None:
        """What is known of a session, while it does not end and need not be written."""
        if name not in self._known:
            return None
        (account, session), read_at = self._known[name]
        usable = (
            now < read_at + KNOWN_FOR
            and now - session.seen_at <= LAST_SEEN_PRECISION
            and is_signed_in(session, account, now=now, policy=self.sessions.policy)
        )
        return (account, session) if usable else None

    async def _outdated(self, known: dict[str, Active]) -> set[str]:
        if not known:
            return set()
        return await self.sessions.store.repositories.sessions.outdated(list(known.values()))

    async def _load(self, names: Sequence[str], now: datetime) -> dict[str, Active]:
        """Read them, and know them from now on. `now` is before the read."""
        loaded = await self.sessions.resume_each(names) if names else {}
        for name in names:
            self._known.pop(name, None)
        self._known |= {name: (active, now) for name, active in loaded.items()}
        forget_oldest(self._known)
        return loaded
