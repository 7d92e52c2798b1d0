"""Deliveries in memory."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from adapters.memory.repositories.repository import AppendOnlyRepository, yield_control
from core.deliveries import Delivery
from ports.deliveries import Deliveries


class MemoryDeliveries(AppendOnlyRepository[Delivery], Deliveries):
    name = "deliveries"

    def key_of(self, item: Delivery) -> Hashable:
        return item.job_id, item.number

    async def of_jobs(self, job_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        found = {job_id: await self.of_job(job_id) for job_id in job_ids}
        return {job_id: deliveries for job_id, deliveries in found.items() if deliveries}

    async def of_job(self, job_id: str) -> tuple[Delivery, ...]:
        await yield_control()
        found = (delivery for delivery in self.table.all() if delivery.job_id == job_id)
        return tuple(sorted(found, key=lambda delivery: delivery.number))
