"""How much of the machine other programs used while we measured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

import psutil

from bench.load import cpu_seconds


@dataclass(frozen=True, slots=True)
class CpuReading:
    """All work of the machine's cores so far, and our own part of it, in seconds of CPU time."""

    at: float
    all: float
    ours: float

    @classmethod
    def take(cls) -> Self:
        """Ours are this process and all that it began and that still runs."""
        this, spent = psutil.Process(), psutil.cpu_times()
        busy = sum(spent) - spent.idle - getattr(spent, "iowait", 0.0) - getattr(spent, "guest", 0)
        return cls(time.perf_counter(), busy, cpu_seconds([this, *this.children(recursive=True)]))

    def cores_since(self, before: CpuReading) -> tuple[float, float]:
        """So many cores were busy for us, and for others, between the two readings."""
        seconds, ours = self.at - before.at, self.ours - before.ours
        return ours / seconds, max(0.0, self.all - before.all - ours) / seconds
