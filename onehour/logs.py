"""Where the house's processes write what happens: to stderr, one line each."""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_to_stderr(level: str) -> None:
    """For the start of a process; `level` as in `Settings.log_level`."""
    logging.basicConfig(level=level.upper(), format=FORMAT)
