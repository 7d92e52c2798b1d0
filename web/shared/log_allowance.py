"""A limit on log lines that clients can cause, so that they cannot fill the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

LINES_A_MINUTE = 30
"""Per process and kind of line; further ones are counted and dropped."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class LogAllowance:
    """The lines written and dropped in the minute that started at `began`. `subject` is the plural
    of what they report."""

    subject: str
    began: datetime
    written: int = 0
    dropped: int = 0

    def allows(self, moment: datetime) -> bool:
        """Whether one more line may be written."""
        if moment - self.began >= timedelta(minutes=1):
            if self.dropped:
                log.warning("%d more %s were dropped", self.dropped, self.subject)
            self.began, self.written, self.dropped = moment, 0, 0
        if self.written >= LINES_A_MINUTE:
            self.dropped += 1
            return False
        self.written += 1
        return True
