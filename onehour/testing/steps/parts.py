"""The parts of the application that the steps of every capability use."""

from __future__ import annotations

from adapters.memory.clock import FixedClock, SequentialIds
from adapters.memory.mail import MemoryMailer
from adapters.memory.payments import MemoryGateway
from core.sessions import Caller
from ports.store import Store
from services.bootstrap import Services

PASSWORD = "four-quiet-green-trains"
CALLER = Caller("visit", "203.0.113.7", "Firefox on Linux")


class AppParts:
    """The parts of `MemoryApp` that steps use; it sets them."""

    services: Services
    store: Store
    clock: FixedClock
    ids: SequentialIds
    mailer: MemoryMailer
    gateway: MemoryGateway
    quarantined: int

    async def run(self) -> int:
        """Runs every outbox message that is due; returns how many ran."""
        raise NotImplementedError
