"""Deliveries in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.collection import Facts, pause
from core.deliveries import Delivery
from ports.deliveries import Deliveries


class MemoryDeliveries(Facts[Delivery], Deliveries):
    name = "deliveries"

    def place(self, item: Delivery) -> Hashable:
        return item.job_id, item.number

    async def of_jobs(self, job_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        found = {job_id: await self.of_job(job_id) for job_id in job_ids}
        return {job_id: deliveries for job_id, deliveries in found.items() if deliveries}

    async def of_job(self, job_id: str) -> tuple[Delivery, ...]:
        await pause()
        found = (delivery for delivery in self.rows.all() if delivery.job_id == job_id)
        return tuple(sorted(found, key=lambda delivery: delivery.number))
