"""Live updates of withdrawals."""

from __future__ import annotations

from dataclasses import dataclass

from core.withdrawals_messages import WithdrawalChanged
from ports.live import Live
from services.shared.outbox import handles


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalLive:
    live: Live

    @handles(WithdrawalChanged)
    async def changed(self, payload: WithdrawalChanged) -> None:
        """Publish `withdrawal:updated` to the open browsers of the developer."""
        data = {"withdrawal": payload.withdrawal, "status": payload.status}
        await self.live.publish(f"account:{payload.account}", "withdrawal:updated", data)
