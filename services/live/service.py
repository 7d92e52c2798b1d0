"""Telling the open browsers of both sides, and of visitors who look at free hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ports.extensions import Extensions
from ports.live import Live


@dataclass(frozen=True, slots=True)
class LiveService:
    live: Live
    extensions: Extensions

    async def booking(self, payload: Mapping[str, str]) -> None:
        for account in payload["accounts"].split():
            data = {"booking": payload["booking"], "what": payload["what"]}
            await self.live.tell(f"account:{account}", "booking:updated", data)

    async def slots(self, payload: Mapping[str, str]) -> None:
        developer = payload["developer"]
        await self.live.tell(f"developer:{developer}", "slots:changed", {"developer": developer})

    async def session(self, payload: Mapping[str, str]) -> None:
        """A session has ended: its sockets are told, then closed."""
        await self.live.tell(f"session:{payload['session']}", "session:ended", {})

    async def news(self, payload: Mapping[str, str]) -> None:
        await self.extensions.tell(payload["what"], payload)
