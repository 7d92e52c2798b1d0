"""The limits of reviews, which operators may change."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FeedbackSettings(BaseSettings):
    """Named `ONEHOUR_PLUGIN_FEEDBACK_…`. The defaults are those of Upwork."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_PLUGIN_FEEDBACK_", frozen=True, hide_input_in_errors=True
    )

    write_days: int = Field(default=14, ge=1, le=365)
    """How long after the approval both sides can write, and a review stays sealed at most."""
    reply_days: int = Field(default=28, ge=1, le=365)
    """How long after a review is shown the reviewed person can reply."""
    remind_days: int = Field(default=3, ge=1, le=365)
    """How long before the end of the time to write who has not written is reminded."""

    @property
    def write_within(self) -> timedelta:
        return timedelta(days=self.write_days)

    @property
    def reply_within(self) -> timedelta:
        return timedelta(days=self.reply_days)

    @property
    def remind_before(self) -> timedelta:
        return timedelta(days=self.remind_days)
