"""Reads a Containerfile into stages of instructions: as much of its syntax as ours uses."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Instruction:
    """Such as `RUN`, with all that follows on one line."""

    name: str
    text: str

    def words(self) -> list[str]:
        """The words of the exec form (a JSON list), or those of a shell."""
        if self.text.startswith("["):
            words: list[str] = json.loads(self.text)
            return words
        return shlex.split(self.text)

    def pairs(self) -> dict[str, str]:
        """The values of `ENV` and `LABEL` by name."""
        return dict(word.split("=", 1) for word in self.words())


@dataclass(slots=True)
class Stage:
    """What follows one `FROM`."""

    image: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def last(self, name: str) -> Instruction:
        """The one that counts, of those where the last wins. Raises `IndexError`."""
        return [each for each in self.instructions if each.name == name][-1]


def read_stages(text: str) -> list[Stage]:
    """The stages in their order. Raises `ValueError` for what comes before the first."""
    stages: list[Stage] = []
    for instruction in _instructions(text):
        if instruction.name == "FROM":
            image, _, name = instruction.text.partition(" AS ")
            stages.append(Stage(image=image, name=name or str(len(stages))))
        elif stages:
            stages[-1].instructions.append(instruction)
        else:
            raise ValueError(f"{instruction.name} before FROM")
    return stages


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]
