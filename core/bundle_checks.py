"""The result of the last check of a case bundle: whether it was whole, and which files it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from core.case_files import CHANGED, GONE, OVER, CaseFile, check_files
from core.case_manifests import BundleEntry, CaseManifest, compare, parse_manifest


@dataclass(frozen=True, slots=True)
class BundleCheck:
    """`id` is that of the dispute. `entries` is how many files the bundle has. Of the files of the
    case, `gone` are not in the storage any more, `changed` are not as they were sent, and
    `left_out` are beyond the limit of a bundle."""

    id: str
    checked_at: datetime
    entries: int
    gone: int = 0
    changed: int = 0
    left_out: int = 0
    version: int = 0

    @classmethod
    def of(
        cls,
        manifest: CaseManifest,
        written: Sequence[BundleEntry],
        files: Sequence[CaseFile],
        *,
        now: datetime,
    ) -> Self:
        """Check a bundle that was just written, as `onehour disputes verify` checks a ZIP: the
        chain, each file against it, and the files of the case. Raises `BundleBroken`."""
        read = parse_manifest(manifest.text())
        compare(read, written)
        check_files(files, read)
        reasons = [each.reason for each in files]
        return cls(
            id=read.case,
            checked_at=now,
            entries=len(read.entries),
            gone=reasons.count(GONE),
            changed=reasons.count(CHANGED),
            left_out=reasons.count(OVER),
        )

    @property
    def whole(self) -> bool:
        """Whether it has all files of the case, as they were sent."""
        return not (self.gone or self.changed or self.left_out)

    def after(self, earlier: BundleCheck | None) -> BundleCheck:
        """This one in the place of an earlier one, for the store."""
        return replace(self, version=earlier.version) if earlier else self
