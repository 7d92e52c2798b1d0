"""Compares the files of two deliveries by their names and hashes."""

from __future__ import annotations

from dataclasses import dataclass

from core.deliveries import DeliveredFile, Delivery


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file name in two deliveries. At least one of the files is not None."""

    name: str
    before: DeliveredFile | None
    after: DeliveredFile | None

    @property
    def kind(self) -> str:
        """`new`, `removed`, `changed` or `same`."""
        if self.before is None:
            return "new"
        if self.after is None:
            return "removed"
        return "same" if self.before.sha256 == self.after.sha256 else "changed"

    @property
    def file_ids(self) -> tuple[str, ...]:
        return tuple(file.id for file in (self.before, self.after) if file)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one delivery to a later one, changed files first."""

    before: Delivery
    after: Delivery
    changes: tuple[FileChange, ...]

    @classmethod
    def of(cls, before: Delivery, after: Delivery) -> Comparison:
        """Files of the same name belong together, in the order of the later delivery."""
        later = [FileChange(file.name, before.file(file.name), file) for file in after.files]
        removed = [
            FileChange(file.name, file, None)
            for file in before.files
            if after.file(file.name) is None
        ]
        changes = sorted([*later, *removed], key=lambda change: change.kind == "same")
        return cls(before, after, tuple(changes))

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)

    def choose(self, name: str) -> FileChange | None:
        """The change of a file, or the first one."""
        chosen = next((each for each in self.changes if each.name == name), None)
        return chosen or next(iter(self.changes), None)
