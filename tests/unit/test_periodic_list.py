"""`onehour periodic` shows when each job runs and what failed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from core.periodic import Periodic, PeriodicJob
from core.policy import DAY, MINUTE
from onehour.periodic import table

ERROR = "ValueError('one two')"
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_each_job_is_a_line() -> None:
    waiting = PeriodicJob.first(Periodic("accounts.clean", DAY), now=NOW)
    running = PeriodicJob.first(Periodic("files.check", MINUTE), now=NOW).claim(
        "token", lease=5 * MINUTE, now=NOW
    )
    failed = running.fail("ValueError('one\ntwo')", now=NOW + timedelta(seconds=2))

    lines = table([waiting, running, failed]).splitlines()

    assert [re.split(r" {2,}", line) for line in lines] == [
        ["name", "every", "due (UTC)", "last run (UTC)", "last error"],
        ["accounts.clean", "1 day, 0:00:00", "2026-03-02 10:00:00", "never"],
        ["files.check", "0:01:00", "2026-03-02 10:05:00 (end of lease)", "2026-03-02 10:00:00"],
        ["files.check", "0:01:00", "2026-03-02 10:00:07", "2026-03-02 10:00:00", ERROR],
    ]
    assert len({line.index("2026-03-02") for line in lines[1:]}) == 1


def test_before_the_first_worker_there_are_none() -> None:
    assert table([]) == "There are no periodic jobs yet. A worker creates them when it starts."
