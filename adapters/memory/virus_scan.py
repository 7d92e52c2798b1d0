"""A virus scanner in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ports.storage import SIZE_MAXIMUM
from ports.virus_scan import TooLargeToScan, VirusScanner, VirusScanUnavailable

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of all virus scanners, which is harmless (https://www.eicar.org)."""


@dataclass
class MemoryScanner(VirusScanner):
    """Finds the `signatures`, by their names. While `down`, it does not answer."""

    signatures: Mapping[str, bytes] = field(default_factory=lambda: {"Eicar-Test-Signature": EICAR})
    size_maximum: int = SIZE_MAXIMUM
    down: bool = False

    async def scan(self, path: Path) -> str | None:
        content = await asyncio.to_thread(path.read_bytes)
        if self.down:
            raise VirusScanUnavailable
        if len(content) > self.size_maximum:
            raise TooLargeToScan
        return next((name for name, bytes_ in self.signatures.items() if bytes_ in content), None)
