"""Checks the data directory at the start."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ports.settings import WrongSetting


def usable_folder(folder: Path) -> None:
    """Creates the data directory if it is missing. Raises `WrongSetting` if this process cannot
    write files in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (FileExistsError, NotADirectoryError):
        raise WrongSetting("ONEHOUR_DATA_DIR must be a folder, not a file.") from None
    except OSError as error:
        raise WrongSetting(
            f"ONEHOUR_DATA_DIR must be a folder in which files can be written ({error.strerror})."
        ) from None
