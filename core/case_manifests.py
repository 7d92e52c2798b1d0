"""The manifest of a case bundle: a hash chain over everything that is in it.

    onehour-case-bundle 1
    case dsp_… booking OH-…
    1 <sha256> <size> case.json <link>
    2 <sha256> <size> timeline.json <link>
    end 2 <link of the last entry> <seal>

The link of an entry is the SHA-256 of the link before it (of the first two lines, for the first
one), a line break, and the line without its link. A changed, removed, added or reordered entry
breaks the chain; a cut-off end has no `end`. The seal is an HMAC-SHA256 over the last link, with a
key of the site: whoever writes the whole chain anew cannot make it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import OneHourError

HEAD = "onehour-case-bundle 1"
MANIFEST, CHECKSUMS = "manifest.txt", "SHA256SUMS"


class BundleBroken(OneHourError):
    """The bundle is not as it was made."""

    code = "bundle_broken"


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """One file of a bundle: its name has no spaces, `sha256` is in hexadecimal digits, `size` in
    bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class CaseManifest:
    """What a bundle contains, in its order. `last` is the last link of the chain; the same case in
    the same state always has the same one."""

    case: str
    booking: str
    entries: tuple[BundleEntry, ...]
    last: str
    seal: str

    @classmethod
    def of(
        cls, case: str, booking: str, entries: Iterable[BundleEntry], *, key: bytes
    ) -> CaseManifest:
        found = tuple(entries)
        last = _links(case, booking, found)[-1]
        return cls(case, booking, found, last, seal_of(last, key))

    def text(self) -> str:
        links = _links(self.case, self.booking, self.entries)[1:]
        lines = [
            f"{_line(number, entry)} {link}"
            for number, (entry, link) in enumerate(zip(self.entries, links, strict=True), 1)
        ]
        end = f"end {len(self.entries)} {self.last} {self.seal}"
        return "\n".join([*_head(self.case, self.booking), *lines, end, ""])

    def checksums(self) -> str:
        """For `sha256sum --check SHA256SUMS`: the manifest is one of the files."""
        manifest = hashlib.sha256(self.text().encode()).hexdigest()
        lines = [f"{entry.sha256}  {entry.name}" for entry in self.entries]
        return "\n".join([*lines, f"{manifest}  {MANIFEST}", ""])

    def is_sealed_with(self, key: bytes) -> bool:
        return hmac.compare_digest(self.seal, seal_of(self.last, key))


def parse_manifest(text: str) -> CaseManifest:
    """Raises `BundleBroken`, with the line, for everything that is not as it is written."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != HEAD or lines[-1]:
        raise BundleBroken("The manifest is not complete.")
    words = lines[1].split(" ")
    if len(words) != 4 or words[0] != "case" or words[2] != "booking":
        raise BundleBroken("Line 2 of the manifest does not name the case.")
    case, booking = words[1], words[3]
    end = lines[-2].split(" ")
    entries = tuple(_entry(number, line) for number, line in enumerate(lines[2:-2], 1))
    if len(end) != 4 or end[0] != "end" or end[1] != str(len(entries)):
        raise BundleBroken(f"The end of the manifest is missing after {len(entries)} entries.")
    read = CaseManifest(case, booking, entries, end[2], end[3])
    _check_chain(read, lines)
    return read


def compare(manifest: CaseManifest, found: Sequence[BundleEntry]) -> None:
    """Raises `BundleBroken` for the first file that is not as the manifest says: changed, missing,
    added, or at another place."""
    for number, (entry, file) in enumerate(zip(manifest.entries, found, strict=False), 1):
        if entry.name != file.name:
            raise BundleBroken(f"File {number} is {file.name}, and should be {entry.name}.")
        if entry != file:
            raise BundleBroken(f"{entry.name} was changed.")
    if len(found) < len(manifest.entries):
        raise BundleBroken(f"{manifest.entries[len(found)].name} is missing.")
    if len(found) > len(manifest.entries):
        raise BundleBroken(f"{found[len(manifest.entries)].name} was added.")


def seal_key(secret_key: bytes) -> bytes:
    """The HMAC key of the seals, derived from the secret key of the site."""
    return hmac.new(secret_key, b"case bundles", hashlib.sha256).digest()


def seal_of(last: str, key: bytes) -> str:
    return hmac.new(key, last.encode(), hashlib.sha256).hexdigest()


def _head(case: str, booking: str) -> tuple[str, str]:
    return HEAD, f"case {case} booking {booking}"


def _line(number: int, entry: BundleEntry) -> str:
    return f"{number} {entry.sha256} {entry.size} {entry.name}"


def _links(case: str, booking: str, entries: Sequence[BundleEntry]) -> list[str]:
    """The link of the first two lines, then one for each entry."""
    links = [_sha256("\n".join(_head(case, booking)))]
    for number, entry in enumerate(entries, 1):
        links.append(_sha256(f"{links[-1]}\n{_line(number, entry)}"))
    return links


def _entry(number: int, line: str) -> BundleEntry:
    words = line.split(" ")
    if len(words) != 5 or words[0] != str(number) or not _is_size(words[2]):
        raise BundleBroken(f"Entry {number} of the manifest is missing or not readable.")
    return BundleEntry(name=words[3], sha256=words[1], size=int(words[2]))


def _is_size(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 16


def _check_chain(read: CaseManifest, lines: Sequence[str]) -> None:
    links = _links(read.case, read.booking, read.entries)
    for number, link in enumerate(links[1:], 1):
        if lines[number + 1].split(" ")[4] != link:
            raise BundleBroken(f"Entry {number} of the manifest does not follow the one before.")
    if read.last != links[-1]:
        raise BundleBroken("The end of the manifest does not follow its last entry.")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
