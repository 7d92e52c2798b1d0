"""The notifier: after a commit, the ids of due messages are sent to a free worker."""

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

IDS_PER_TASK = 32
BATCH_DELAY_S = 0.01
RETRY_AFTER_S = 2.0
"""After a failure nothing is published for this long: relays poll anyway."""


class CeleryNotifier(Notifier):
    """Publishes in a separate thread, because Celery does not support asyncio."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="notifier")
        self._paused_until = 0.0
        self._pending: list[str] = []

    async def wake_up(self, message_ids: Sequence[str]) -> None:
        """Wake-ups within `BATCH_DELAY_S` are sent as one task."""
        if not message_ids or time.monotonic() < self._paused_until:
            return
        if not self._pending:
            asyncio.get_running_loop().call_later(BATCH_DELAY_S, self._flush)
        self._pending.extend(message_ids)

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        for first in range(0, len(pending), IDS_PER_TASK):
            with contextlib.suppress(RuntimeError):  # shut down: relays will poll
                self._thread.submit(self._publish, pending[first : first + IDS_PER_TASK])

    def close(self) -> None:
        """Stop at once; wake-ups that were not published are discarded."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _publish(self, batch: list[str]) -> None:
        try:
            self._app.send_task(TASK, args=[batch], retry=False, ignore_result=True)
        except Exception as error:  # kombu raises the errors of its transport
            self._paused_until = time.monotonic() + RETRY_AFTER_S
            log.warning("Redis does not respond, relays will poll: %r", error)
