"""The limits of files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from core.policy import DAY, HOUR

FILES_MAXIMUM = 100
"""The most files of one message, delivery, brief or statement that operators can allow: as many as
one request can name."""


@dataclass(frozen=True, slots=True)
class FilePolicy:
    """What operators may tune; defaults and their sources: docs/rules.md.

    `quota_bytes` and `uploads_per_hour` hold for one account. An upload that is not complete after
    `upload_life` is removed, and so is a file that is not used for anything after `unused_life`.
    """

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = (
        ("chat_file_bytes_maximum", "file_bytes_maximum"),
        ("file_bytes_maximum", "quota_bytes"),
        ("upload_life", "unused_life"),
    )
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset()

    file_bytes_maximum: int = 104_857_600
    chat_file_bytes_maximum: int = 10_485_760
    files_per_delivery: int = 20
    files_per_message: int = 10
    files_per_brief: int = 10
    files_per_evidence: int = 20
    quota_bytes: int = 5_368_709_120
    uploads_per_hour: int = 200
    upload_life: timedelta = 24 * HOUR
    unused_life: timedelta = 7 * DAY
