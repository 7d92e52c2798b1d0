"""Builds the image of a Containerfile and runs its commands without a container engine.

Each stage is a folder. A command sees it as `/`, in a mount namespace of its own, with this
machine's programs and Python where the base image has its own; these and what the namespace does
not list are read-only. So this shows that the steps work from the files that are copied, with the
pinned packages, for the user of the image, on a read-only file system. It does not show that the
base image exists or has what this machine has, nor what a real engine does with the labels, the
stop signal, capabilities and limits.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.deploy import CONTAINERFILE, ROOT
from tests.deploy.containerfile import Instruction, Stage, read_stages
from tests.deploy.ignored import context_files

BASE_PATH = f"{sys.base_prefix}/bin:/usr/local/bin:/usr/bin:/bin"
"""With the Python of the tests in the place of the one that the base image has."""
REGISTRIES = ("PIP_CERT", "PIP_INDEX_URL", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY")
"""How this machine reaches the package registries; a build has it from the machine it runs on."""
ENTER = Path(__file__).with_name("enter.sh")


@dataclass(slots=True)
class Filesystem:
    """A stage that has been built: its folder and what its instructions have set."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "0:0"

    def command(
        self, *words: str, read_only: bool = False, environ: Mapping[str, str] | None = None
    ) -> list[str]:
        """The command line that runs `words` in here as its own process: no shell stays between."""
        settings = {"PATH": BASE_PATH, "HOME": "/root", **self.env, **(environ or {})}
        mode = "ro" if read_only else "rw"
        return [
            "unshare", "--mount", "--propagation", "private",
            "sh", str(ENTER), str(self.root), mode, sys.base_prefix, self.user, self.workdir,
            *(f"{name}={value}" for name, value in settings.items()), *words,
        ]  # fmt: skip


@dataclass(slots=True)
class Image:
    """The last stage, which is what runs."""

    files: Filesystem
    stage: Stage

    def command(self, *arguments: str, environ: Mapping[str, str] | None = None) -> list[str]:
        """The entry point with these arguments, with a read-only file system."""
        words = [*self.stage.last("ENTRYPOINT").words(), *arguments]
        return self.files.command(*words, read_only=True, environ=environ)

    def health_check(self, environ: Mapping[str, str]) -> list[str]:
        """The command of HEALTHCHECK."""
        words = Instruction("CMD", self.stage.last("HEALTHCHECK").text.partition("CMD ")[2]).words()
        return self.files.command(*words, read_only=True, environ=environ)


def skip_where_it_cannot_be_built() -> None:
    """Needs Linux and root; a run that decides about a change skips nothing."""
    possible = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("unshare")
    if not possible and not os.environ.get("CI"):
        pytest.skip("building the image without an engine needs Linux, root and unshare")


def build(folder: Path) -> Image:
    """Runs all steps of `deploy/Containerfile` in empty folders below `folder`. A step that fails
    fails the test with its output."""
    built: dict[str, Filesystem] = {}
    stages = read_stages(CONTAINERFILE.read_text(encoding="utf-8"))
    for stage in stages:
        files = Filesystem(folder / stage.name)
        files.root.mkdir(parents=True)
        for instruction in stage.instructions:
            _follow(instruction, files, built)
        built[stage.name] = files
    return Image(built[stages[-1].name], stages[-1])


def _follow(instruction: Instruction, files: Filesystem, built: dict[str, Filesystem]) -> None:
    match instruction.name:
        case "RUN":
            registries = {name: os.environ[name] for name in REGISTRIES if name in os.environ}
            _run(files.command("sh", "-c", instruction.text, environ=registries))
        case "COPY":
            _copy(instruction.words(), files, built)
        case "ENV":
            files.env |= instruction.pairs()
        case "WORKDIR":
            files.workdir = instruction.text
            _inside(files, instruction.text).mkdir(parents=True, exist_ok=True)
        case "USER":
            files.user = instruction.text
        case "LABEL" | "EXPOSE" | "STOPSIGNAL" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD":
            pass  # they say how the image is run
        case name:
            raise AssertionError(f"unknown instruction {name}")


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _copy(words: list[str], files: Filesystem, built: dict[str, Filesystem]) -> None:
    """Between stages whole folders; from the repository files, or all that is not ignored."""
    if words[0].startswith("--from="):
        source, target = words[1:]
        stage = built[words[0].removeprefix("--from=")]
        shutil.copytree(_inside(stage, source), _inside(files, target), symlinks=True)
        return
    *sources, target = words
    wanted = [path for path in context_files() if sources == ["."] or str(path) in sources]
    assert wanted, f"nothing to copy for {sources}"
    for path in wanted:
        place = _inside(files, target) / (path if sources == ["."] else path.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, place)


def _inside(files: Filesystem, path: str) -> Path:
    """Where an absolute path of the image, or one below its working directory, is stored."""
    return files.root / (Path(files.workdir) / path).relative_to("/")
