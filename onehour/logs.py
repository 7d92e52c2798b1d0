"""Logging of all processes: to stderr, one line per message, as text or as JSON."""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

import orjson

from ports.telemetry import current_trace

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LogFormat = Literal["text", "json"]


def one_line(text: str) -> str:
    """With line breaks and control characters escaped, so that user input cannot forge a log entry
    (ASVS 5.0, 16.4.1)."""
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in text
    )


class OneLineFormatter(logging.Formatter):
    """One line of text per message, with the id of its trace at the end. Tracebacks keep their
    lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = one_line(record.message)
        trace = current_trace()
        line = super().formatMessage(record)
        return f"{line} [{trace.trace_id}]" if trace else line


class JsonFormatter(logging.Formatter):
    """One JSON object per message (docs/operations.md, logs). `process` is the name of this
    process. The message is escaped as in text: programs may print it alone."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process: dict[str, str | int] = {"process": process, "pid": os.getpid()}

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, str | int] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": one_line(record.getMessage()),
            **self._process,
        }
        if trace := current_trace():
            fields["trace_id"] = trace.trace_id
            if trace.cause:
                fields["cause_trace_id"] = trace.cause
        if traceback := self._traceback(record):
            fields["traceback"] = "\n".join(map(one_line, traceback.split("\n")))
        return orjson.dumps(fields).decode()

    def _traceback(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            return self.formatException(record.exc_info)
        return record.exc_text or ""


def one_line_formatter() -> logging.Formatter:
    """The formatter of log handlers that write text."""
    return OneLineFormatter(FORMAT)


def log_to_stderr(level: str, form: LogFormat = "text", *, process: str = "onehour") -> None:
    """Configures logging; called once when a process starts. `level` and `form` as in
    `Settings.log_level` and `Settings.log_format`, `process` is its name in JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(process) if form == "json" else one_line_formatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    logging.captureWarnings(True)
    if form == "json":
        sys.excepthook = _log_uncaught


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    logging.getLogger(__name__).critical("the process ends", exc_info=(kind, error, traceback))
