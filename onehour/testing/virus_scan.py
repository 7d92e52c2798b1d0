"""The contract of every `ports.virus_scan.VirusScanner`; authors inherit `VirusScannerContract`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from ports.virus_scan import (
    FINDING_MAXIMUM,
    TooLargeToScan,
    VirusScanner,
    VirusScanUnavailable,
)

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of all virus scanners, which is harmless (https://www.eicar.org)."""


class ScannerSetup(Protocol):
    """The scanner under test. `size_maximum` is the largest file it takes, in bytes."""

    @property
    def scanner(self) -> VirusScanner: ...

    @property
    def size_maximum(self) -> int: ...

    async def stop(self) -> None:
        """From now on the scanner does not answer."""
        ...

    async def close(self) -> None: ...


class VirusScannerContract:
    """Inherit this and define the fixture `setup`."""

    @pytest.fixture
    async def setup(self) -> AsyncIterator[ScannerSetup]:
        raise NotImplementedError
        yield

    async def test_a_clean_file_has_no_finding(self, setup: ScannerSetup, tmp_path: Path) -> None:
        assert await setup.scanner.scan(written(tmp_path, b"clean" * 1_000)) is None
        assert await setup.scanner.scan(written(tmp_path, b"")) is None

    async def test_the_test_file_is_found(self, setup: ScannerSetup, tmp_path: Path) -> None:
        finding = await setup.scanner.scan(written(tmp_path, EICAR))

        assert finding and len(finding) <= FINDING_MAXIMUM
        assert finding.isprintable()

    async def test_several_files_at_once(self, setup: ScannerSetup, tmp_path: Path) -> None:
        paths = [written(tmp_path, EICAR if n % 3 else b"clean", str(n)) for n in range(12)]

        found = await asyncio.gather(*map(setup.scanner.scan, paths))

        assert [bool(finding) for finding in found] == [bool(n % 3) for n in range(12)]

    async def test_a_file_over_the_limit_is_not_clean(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        whole = await setup.scanner.scan(written(tmp_path, bytes(setup.size_maximum)))

        with pytest.raises(TooLargeToScan):
            await setup.scanner.scan(written(tmp_path, bytes(setup.size_maximum + 1)))

        assert whole is None

    async def test_without_an_answer_no_file_is_clean(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        await setup.stop()

        with pytest.raises(VirusScanUnavailable):
            await setup.scanner.scan(written(tmp_path, b"clean"))


def written(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
