"""Settings of the server on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """One invented account. `public_url` is where browsers and the adapter reach the server,
    without a trailing slash; `webhook_url` receives the webhooks. `now` is the time in UTC."""

    database: Path
    public_url: str
    webhook_url: str
    key_id: str = "rzp_test_onehour"
    key_secret: str = field(default="key secret of this machine", repr=False)
    webhook_secret: str = field(default="webhook secret of this machine", repr=False)
    now: Callable[[], datetime] = _now
    refund_takes: timedelta = timedelta(seconds=1)
    late_by: timedelta = timedelta(seconds=10)
    """How long the bank of a customer takes who chooses to pay late."""
