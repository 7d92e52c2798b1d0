"""Several processes behind one endpoint: they share files in one folder.

Whichever process answers a scrape reads the files of all. They are named after the process instead
of its id: one that is started again goes on with the counters of its predecessor, so that no
count is lost and no files pile up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector, values
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library finds the folder of the files."""


@dataclass(frozen=True, slots=True)
class Processes:
    """The processes of one server, by name: this one alone, or with a `folder` all that share it.
    A name has no underscore, with which the library separates parts of file names."""

    name: str
    folder: Path | None = None

    def join(self) -> None:
        """Keep the metrics of this process in the folder; called before any metric is made."""
        if self.folder is None:
            values.ValueClass = values.MutexValue
            return
        os.environ[FOLDER] = str(self.folder)
        values.ValueClass = values.MultiProcessValue(lambda: self.name)  # type: ignore[no-untyped-call]
        written = self.folder / f"{self.name}.new"
        written.write_text(str(os.getpid()))
        written.replace(self.folder / f"{self.name}.pid")

    def collect(self, own: CollectorRegistry) -> Iterable[Metric]:
        """The metrics of all processes together, and of each what the system knows about it.
        `own` is the registry of this process."""
        if self.folder is None:
            yield from own.collect()
        else:
            yield from MultiProcessCollector(None, str(self.folder)).collect()  # type: ignore[no-untyped-call]
        yield from _of_the_system(self._pids())

    def _pids(self) -> Mapping[str, int]:
        if self.folder is None:
            return {self.name: os.getpid()}
        return {path.stem: int(path.read_text()) for path in sorted(self.folder.glob("*.pid"))}


def _of_the_system(pids: Mapping[str, int]) -> Iterator[Metric]:
    """CPU, memory and open files, with the name of the process as a label."""
    found: dict[str, Metric] = {}
    for name, pid in pids.items():
        for metric in ProcessCollector(pid=partial(int, pid), registry=None).collect():
            family = found.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type)
            )
            for sample in metric.samples:
                family.add_sample(sample.name, {"process": name}, sample.value)
    yield from found.values()
