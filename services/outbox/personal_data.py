"""Outbox messages carry copies of what other capabilities store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from services.shared.personal_data import PersonalData


class OutboxData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {"outbox": "deleted 30 days after the message is done"}
    withheld: ClassVar[Mapping[str, str]] = {"outbox": "copies of what is exported elsewhere"}
