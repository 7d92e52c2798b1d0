"""Writes a ZIP that is sent while it is made, and notes the checksums of what is in it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from core.case_manifests import CHECKSUMS, MANIFEST, BundleEntry, CaseManifest

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The time of all files in a ZIP: the same case gives the same bundle."""


class _Sent(io.RawIOBase):
    """Collects what the ZIP writer writes, until it is sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


@dataclass(slots=True)
class BundleWriter:
    """The methods return the bytes that can be sent now."""

    out: _Sent = field(default_factory=_Sent)
    entries: list[BundleEntry] = field(default_factory=list)
    zip: zipfile.ZipFile = field(init=False)

    def __post_init__(self) -> None:
        self.zip = zipfile.ZipFile(self.out, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, text: str) -> bytes:
        content = text.encode()
        self.entries.append(BundleEntry(name, hashlib.sha256(content).hexdigest(), len(content)))
        return self._write(name, content)

    async def add_file(
        self, name: str, size: int, chunks: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """A file in parts, of which one is in memory at a time. It is not compressed: most files
        are already, and the event loop has other work."""
        digest, count = hashlib.sha256(), 0
        with self.zip.open(_info(name, size, zipfile.ZIP_STORED), "w") as file:
            async for chunk in chunks:
                digest.update(chunk)
                count += len(chunk)
                file.write(chunk)
                yield self.out.take()
        self.entries.append(BundleEntry(name, digest.hexdigest(), count))
        yield self.out.take()

    def manifest(self, case: str, booking: str, key: bytes) -> CaseManifest:
        """That of everything written so far, sealed with the key."""
        return CaseManifest.of(case, booking, self.entries, key=key)

    def end(self, manifest: CaseManifest) -> bytes:
        """The manifest, and the end of the ZIP."""
        sent = self._write(MANIFEST, manifest.text().encode())
        sent += self._write(CHECKSUMS, manifest.checksums().encode())
        self.zip.close()
        return sent + self.out.take()

    def _write(self, name: str, content: bytes) -> bytes:
        self.zip.writestr(_info(name, len(content), zipfile.ZIP_DEFLATED), content)
        return self.out.take()


def _info(name: str, size: int, packing: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=FIRST_DAY)
    info.compress_type = packing
    info.external_attr = 0o644 << 16
    info.file_size = size
    return info
