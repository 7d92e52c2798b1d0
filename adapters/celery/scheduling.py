"""The bell: after a commit, the ids of what is due go to any free worker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from celery import Celery

from adapters.celery.app import TASK
from ports.scheduling import Waker

log = logging.getLogger(__name__)

MOST_IDS = 32
QUIET_S = 2.0
"""After a failure nobody tries for this long: relays poll anyway."""


class CeleryWaker(Waker):
    """Publishes in a thread of its own, because Celery has no asyncio; never in the way."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="waker")
        self._silent_until = 0.0

    async def wake(self, effect_ids: Sequence[str]) -> None:
        if time.monotonic() < self._silent_until:
            return
        loop = asyncio.get_running_loop()
        for first in range(0, len(effect_ids), MOST_IDS):
            batch = list(effect_ids[first : first + MOST_IDS])
            loop.run_in_executor(self._thread, self._publish, batch)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _publish(self, batch: list[str]) -> None:
        try:
            self._app.send_task(TASK, args=[batch], retry=False, ignore_result=True)
        except Exception as error:  # kombu raises its transport's errors as they are
            self._silent_until = time.monotonic() + QUIET_S
            log.warning("Redis does not answer, relays will find the work: %r", error)
