"""Scanning of uploaded files for known malicious software."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from core.errors import Conflict, Unavailable

FINDING_MAXIMUM = 200
"""Characters of a finding."""


class VirusScanUnavailable(Unavailable):
    """Files cannot be scanned for viruses at the moment. Nothing was lost. Try again later."""

    code = "virus_scan_unavailable"
    service = "the virus scanner"


class TooLargeToScan(Conflict):
    """This file is too large to be scanned for viruses."""

    code = "too_large_to_scan"


class VirusScanner(Protocol):
    """Looks for known malicious software in files. Rules for every adapter
    (onehour/testing/virus_scan.py):

    - a file counts as clean only after the scanner has read all of it and said so;
    - no call holds a file in memory; each ends in time; the event loop is not blocked.
    """

    async def scan(self, path: Path) -> str | None:
        """The name of what was found in the file, at most `FINDING_MAXIMUM` characters without
        controls, or None for a clean file.

        Raises `VirusScanUnavailable` (no answer, or an error: retry later), and `TooLargeToScan`
        for a file over the limit of the scanner.
        """
        ...
