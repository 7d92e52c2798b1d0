"""Lines of the log in tests."""

from __future__ import annotations

import pytest


def lines_of(caplog: pytest.LogCaptureFixture, logger: str) -> list[str]:
    """What a logger and those below it have said. Lines of others do not count: the event loop and
    the garbage collector also report, at any time, what an earlier test has left."""
    return [
        record.getMessage()
        for record in caplog.records
        if f"{record.name}.".startswith(f"{logger}.")
    ]
