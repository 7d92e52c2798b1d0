"""The code that a page of the documents shows, written to a copy of the repository."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "core", "ports", "services", "adapters", "web", "plugins", "onehour", "tests", "pyproject.toml",
)  # fmt: skip
BLOCK = re.compile(r"^```(python|html|diff)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAME = re.compile(r"(?:# |\{# |\+\+\+ )(?P<path>[\w./]+)")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file the page shows whole; its first line is a comment with the path."""

    path: str
    content: str

    def write(self, root: Path) -> None:
        target = root / self.path
        assert not target.exists(), f"{self.path} exists already"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(self.content, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a file: after `@@`, lines as in a diff; those to be found occur once in it."""

    path: str
    hunks: tuple[str, ...]

    def write(self, root: Path) -> None:
        target = root / self.path
        text = target.read_text(encoding="utf-8")
        for hunk in self.hunks:
            before, after = _side(hunk, "-"), _side(hunk, "+")
            assert text.count(before) == 1, f"{self.path} does not have once:\n{before}"
            text = text.replace(before, after)
        target.write_text(text, encoding="utf-8")


Step = NewFile | Edit


def steps_of(text: str) -> list[Step]:
    """The new files and edits of a page, in its order."""
    return [_step(kind, code) for kind, code in BLOCK.findall(text)]


def copy_of_the_repository(target: Path) -> Path:
    """The Python packages and their tests; what npm and pip bring is left out, and what another
    process is just writing."""
    ignored = shutil.ignore_patterns("vendor", "node_modules", ".installed", "*.pyc.*")
    for name in PACKAGES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=ignored)
        else:
            shutil.copy(source, target / name)
    return target


def _step(kind: str, code: str) -> Step:
    first, _, rest = code.partition("\n")
    named = NAME.match(first)
    assert named, f"a block begins without the path of its file: {first}"
    if kind == "diff":
        return Edit(named["path"], tuple(rest.removeprefix("@@\n").split("@@\n")))
    return NewFile(named["path"], rest)


def _side(hunk: str, sign: str) -> str:
    """The lines before (`-`) or after (`+`) a hunk."""
    lines = hunk.splitlines(keepends=True)
    return "".join(line[1:] or "\n" for line in lines if line[0] in (" ", "\n", sign))
