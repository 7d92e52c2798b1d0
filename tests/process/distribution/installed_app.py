"""The installed application in real processes."""

from __future__ import annotations

from pathlib import Path

from tests.process.distribution.building import Environment
from tests.process.running import RunningApp


class InstalledApp(RunningApp):
    """With the data directory that is the default: `data` in the current folder."""

    def __init__(self, environment: Environment, folder: Path, **environ: str) -> None:
        super().__init__(folder, ONEHOUR_DATA_DIR="", PYTHONPATH="", **environ)
        self.command = (str(environment.onehour),)
