"""What the simulated Cashfree must be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """One simulated merchant account.

    `database` is its one SQLite file, shared by any number of processes. `public_url` is the
    address under which browsers and the adapter reach the simulator, without a slash at the
    end. `notify_url` receives the webhooks of orders that name none themselves.

    `time_scale` shortens what the provider waits for on its own: refunds and the repetition
    of webhooks. Seconds that a person or a test asks for are real seconds of its clock.
    """

    database: Path
    public_url: str
    client_id: str = "simulator"
    client_secret: str = field(default="simulator-secret", repr=False)
    notify_url: str | None = None
    allow_control: bool = True
    """Whether /control may be used: tests and tools decide there how customers behave."""
    time_scale: float = 1.0
    refund_delay_s: float = 1.0
    attempt_life_s: float = 20 * 60
    """An attempt that succeeds later than this after its start is given back."""
    webhook_version: str = "2025-01-01"
