"""Settings of the simulator."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """One simulated merchant account.

    `database` is the SQLite file, which several processes can share. `public_url` is the URL of
    the simulator for browsers and the adapter, without a trailing slash. `notify_url` receives
    the webhooks of orders without a `notify_url` of their own.

    `time_scale` is a factor for the provider's own delays: refunds and retries of webhooks.
    Delays in requests are not scaled.
    """

    database: Path
    public_url: str
    client_id: str = "simulator"
    client_secret: str = field(default="simulator-secret", repr=False)
    notify_url: str | None = None
    allow_control: bool = True
    """Whether the control API is enabled."""
    time_scale: float = 1.0
    refund_delay_s: float = 1.0
    payout_delay_s: float = 1.0
    """How long a bank needs for each step of a transfer."""
    disable_after: int | None = None
    """After more failed deliveries of webhooks in a row than this, the address gets no more of them
    until it is enabled again (control.py); None for never."""
    settlement_delay_s: float = 24 * 60 * 60
    """How long after a payment it is settled, with all others."""
    attempt_life_s: float = 20 * 60
    """A success later than this after the start of the attempt is refunded."""
    webhook_version: str = "2025-01-01"
    chaos: int | None = None
    """The seed of lost, doubled, late and cut webhooks and answers (chaos.py); None for none."""
