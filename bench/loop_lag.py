"""The web server with a measurement of its event loop's lag: `python -m bench.loop_lag FILE`.

A task sleeps for some milliseconds, again and again. How late it wakes up is how long any other
request would have waited. A sample is a pair of doubles: due time and lag in seconds, by
`time.perf_counter`, which all processes of a machine share. The file is written at the end.
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
    """The application and the sampling task."""

    async def start(self) -> None:
        await super().start()
        self._samples = array("d")
        self._watch = asyncio.create_task(self._sample())

    async def stop(self) -> None:
        self._watch.cancel()
        await super().stop()
        # Blocking is fine here: the loop serves nothing any more.
        Path(sys.argv[1]).write_bytes(self._samples.tobytes())  # noqa: ASYNC240

    async def _sample(self) -> None:
        while True:
            due = time.perf_counter() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._samples.extend((due, time.perf_counter() - due))


def lags_ms(file: Path, since: float, until: float) -> list[float]:
    """The lags in milliseconds for requests that arrive every few milliseconds between two times
    of `time.perf_counter`. While the loop was blocked nothing was sampled; requests that would
    have arrived then waited for the rest of the block."""
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
