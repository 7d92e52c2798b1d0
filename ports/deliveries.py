"""Delivered versions of the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.deliveries import Delivery


class Deliveries(Protocol):
    """Each number of a job exists once: adding it again raises `Duplicate`."""

    async def add(self, delivery: Delivery) -> None: ...
    async def of_jobs(self, job_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        """Of several jobs at once, in one read; a job without any is left out."""
        ...

    async def of_job(self, job_id: str) -> tuple[Delivery, ...]:
        """In the order of their numbers."""
        ...
