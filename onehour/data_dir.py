"""Checks the data directory at the start."""

from __future__ import annotations

from pathlib import Path

from ports.settings import check_folder


def usable_folder(folder: Path) -> None:
    """Creates the data directory if it is missing. Raises `WrongSetting` if this process cannot
    write files in it."""
    check_folder(folder, "ONEHOUR_DATA_DIR")
