"""What an operator can set: ONEHOUR_PLUGIN_NOTES_…"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class NotesSettings(BaseSettings):
    """The prefix is the plugin's; the mailer of the plugin reads the same names."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_PLUGIN_NOTES_", frozen=True, hide_input_in_errors=True
    )

    keep_days: int = Field(default=730, ge=1)
    mail_folder: Path | None = None
