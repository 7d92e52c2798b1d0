"""Where the house's processes write what happens: to stderr, one line each."""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLineFormatter(logging.Formatter):
    """A message is one line, so that nobody can forge another by what they send (ASVS 5.0,
    16.4.1). The trace of a failure, which is ours, stays as it is."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = "".join(
            mark if mark.isprintable() else mark.encode("unicode_escape").decode()
            for mark in record.message
        )
        return super().formatMessage(record)


def one_line_formatter() -> logging.Formatter:
    return OneLineFormatter(FORMAT)


def log_to_stderr(level: str) -> None:
    """For the start of a process; `level` as in `Settings.log_level`."""
    handler = logging.StreamHandler()
    handler.setFormatter(one_line_formatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])
