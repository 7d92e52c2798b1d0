"""The bell: after a commit, the ids of what is due go to any free worker."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from celery import Celery

from adapters.celery.app import TASK
from ports.scheduling import Notifier

log = logging.getLogger(__name__)

MOST_IDS = 32
MOMENT_S = 0.01
QUIET_S = 2.0
"""After a failure nobody tries for this long: relays poll anyway."""


class CeleryNotifier(Notifier):
    """Publishes in a thread of its own, because Celery has no asyncio; never in the way."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="waker")
        self._silent_until = 0.0
        self._pending: list[str] = []

    async def wake_up(self, message_ids: Sequence[str]) -> None:
        """What is rung for within a moment goes out as one message."""
        if not message_ids or time.monotonic() < self._silent_until:
            return
        if not self._pending:
            asyncio.get_running_loop().call_later(MOMENT_S, self._flush)
        self._pending.extend(message_ids)

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        for first in range(0, len(pending), MOST_IDS):
            with contextlib.suppress(RuntimeError):  # closing: the relays will find it
                self._thread.submit(self._publish, pending[first : first + MOST_IDS])

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _publish(self, batch: list[str]) -> None:
        try:
            self._app.send_task(TASK, args=[batch], retry=False, ignore_result=True)
        except Exception as error:  # kombu raises its transport's errors as they are
            self._silent_until = time.monotonic() + QUIET_S
            log.warning("Redis does not answer, relays will find the work: %r", error)
