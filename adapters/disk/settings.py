"""Settings of the disk storage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _folder(given: Path) -> Path:
    return given.expanduser().resolve()


class DiskOptions(BaseSettings):
    """The settings section `ONEHOUR_DISK_…`."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_DISK_", frozen=True, hide_input_in_errors=True
    )

    folder: Annotated[Path, AfterValidator(_folder)] | None = None
