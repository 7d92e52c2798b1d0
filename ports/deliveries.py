"""The repository of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.deliveries import Delivery


class Deliveries(Protocol):
    """A job has each delivery number once: adding it again raises `Duplicate`."""

    async def add(self, delivery: Delivery) -> None: ...
    async def of_jobs(self, job_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        """Deliveries by job id, in one query. Jobs without any are left out."""
        ...

    async def of_job(self, job_id: str) -> tuple[Delivery, ...]:
        """The deliveries of one job, by number."""
        ...
