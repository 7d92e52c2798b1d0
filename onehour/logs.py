"""Logging of all processes: to stderr, one line per message."""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLineFormatter(logging.Formatter):
    """Escapes line breaks and control characters in messages, so that user input cannot forge a
    log entry (ASVS 5.0, 16.4.1). Tracebacks keep their lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = "".join(
            mark if mark.isprintable() else mark.encode("unicode_escape").decode()
            for mark in record.message
        )
        return super().formatMessage(record)


def one_line_formatter() -> logging.Formatter:
    """The formatter of all our log handlers."""
    return OneLineFormatter(FORMAT)


def log_to_stderr(level: str) -> None:
    """Configures logging; called once when a process starts. `level` as in `Settings.log_level`."""
    handler = logging.StreamHandler()
    handler.setFormatter(one_line_formatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])
