"""How much CPU time the measured processes and other programs use."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

import psutil

from bench.load import cpu_seconds


@dataclass(frozen=True, slots=True)
class CpuReading:
    """Seconds of CPU time so far: of all processes of the machine, and of the measured ones."""

    at: float
    all: float
    ours: float

    @classmethod
    def take(cls) -> Self:
        """The measured processes are this one and its running descendants."""
        this, spent = psutil.Process(), psutil.cpu_times()
        busy = sum(spent) - spent.idle - getattr(spent, "iowait", 0.0) - getattr(spent, "guest", 0)
        return cls(time.perf_counter(), busy, cpu_seconds([this, *this.children(recursive=True)]))

    def cores_since(self, before: CpuReading) -> tuple[float, float]:
        """The cores busy with measured processes, and with others, since the reading `before`."""
        seconds, ours = self.at - before.at, self.ours - before.ours
        return ours / seconds, max(0.0, self.all - before.all - ours) / seconds
