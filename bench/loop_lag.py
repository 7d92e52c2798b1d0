"""The web server with a watch on its event loop: `python -m bench.loop_lag FILE`.

Every few milliseconds the loop is asked to come back, and how late it does is what any other
request would have waited. The samples are pairs of doubles, when and how late in seconds, on the
clock that all processes of a machine share; they are written when the server ends.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from array import array
from pathlib import Path

from onehour import application, web
from onehour.settings import Settings

EVERY_S = 0.005


class WatchedApplication(application.Application):
    """The application as it is, and a task beside it."""

    async def start(self) -> None:
        await super().start()
        self._samples = array("d")
        self._watch = asyncio.create_task(self._sample())

    async def stop(self) -> None:
        self._watch.cancel()
        await super().stop()
        # The loop has nothing else to do any more.
        Path(sys.argv[1]).write_bytes(self._samples.tobytes())  # noqa: ASYNC240

    async def _sample(self) -> None:
        while True:
            due = time.perf_counter() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._samples.extend((due, time.perf_counter() - due))


def lags_ms(file: Path, since: float, until: float) -> list[float]:
    """How late the loop was, in milliseconds, for whoever came between two moments of
    `time.perf_counter`, one every few milliseconds: while it stood still nothing was sampled,
    but others came all the same and waited for the rest of it."""
    samples, lags = array("d", file.read_bytes()), list[float]()
    for due, late in zip(samples[::2], samples[1::2], strict=True):
        came = due
        while came <= due + late:
            if since <= came <= until:
                lags.append(1000 * (due + late - came))
            came += EVERY_S
    return lags


if __name__ == "__main__":
    application.Application = WatchedApplication  # type: ignore[misc]
    web.main(Settings.load(os.environ, Path(".env")))
