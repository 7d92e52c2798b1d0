"""The Containerfile follows hadolint's rules, and its packages are those that are tested."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from onehour.settings import setting_names
from tests.deploy import CONTAINERFILE, DEPLOY, ROOT
from tests.deploy.containerfile import Stage, read_stages
from tests.deploy.ignored import LARGE, context_files, ignore_patterns, is_ignored

RUN_TIME, BUILD = DEPLOY / "requirements.lock", DEPLOY / "build-requirements.lock"


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return read_stages(CONTAINERFILE.read_text(encoding="utf-8"))


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")

    done = subprocess.run([hadolint, CONTAINERFILE], capture_output=True, text=True, check=False)

    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


def test_every_stage_begins_with_the_same_exact_image(stages: list[Stage]) -> None:
    (image,) = {stage.image for stage in stages}

    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", image)


def test_the_image_runs_the_web_server_as_a_number_and_without_a_shell(
    stages: list[Stage],
) -> None:
    last = stages[-1]

    assert last.last("ENTRYPOINT").text == '["onehour"]'
    assert last.last("CMD").text == '["web"]'
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", last.last("USER").text)
    assert last.last("STOPSIGNAL").text == "SIGTERM"
    assert 'CMD ["python3", "-c", ' in last.last("HEALTHCHECK").text


def test_the_version_of_the_image_is_that_of_the_project(stages: list[Stage]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    labels = stages[-1].last("LABEL").pairs()

    assert labels["org.opencontainers.image.version"] == project["version"]


def test_the_image_sets_only_what_the_settings_know(stages: list[Stage]) -> None:
    names = {name for name in stages[-1].last("ENV").pairs() if name.startswith("ONEHOUR_")}

    assert names == {"ONEHOUR_ENV", "ONEHOUR_HOST", "ONEHOUR_PORT"}
    assert names <= setting_names().keys()


@pytest.mark.parametrize("lock", [RUN_TIME, BUILD], ids=lambda lock: lock.name)
def test_packages_of_the_image_have_the_versions_and_hashes_that_are_tested(lock: Path) -> None:
    tested = pinned(ROOT / "requirements.lock")

    other = [name for name, pin in pinned(lock).items() if tested.get(name) != pin]
    assert other == []


def test_the_image_has_all_run_time_packages_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    needed = with_their_own([Requirement(line) for line in project["dependencies"]])

    assert set(pinned(RUN_TIME)) - needed <= {"async-timeout"}  # for older Pythons
    assert needed <= set(pinned(RUN_TIME))


def test_every_file_that_the_image_is_built_from_reaches_the_build() -> None:
    copied = {str(path) for path in context_files()}

    assert copied >= {"pyproject.toml", "setup.py", "MANIFEST.in", "package-lock.json"}
    assert copied >= {"deploy/requirements.lock", "onehour/cli.py", "web/static/icons.txt"}


def test_nothing_secret_or_generated_reaches_the_build() -> None:
    private = ["deploy/.env", "deploy/onehour.env", ".env", "data/secret-key", "tests/app.py"]
    generated = ["web/static/vendor/htmx.min.js", "web/__pycache__/app.pyc", "node_modules/a/b.js"]
    unsearched = [f"{name}/file" for name in LARGE]

    paths = [Path(each) for each in (*private, *generated, *unsearched)]

    assert [path for path in paths if not is_ignored(path, ignore_patterns())] == []


def pinned(lock: Path) -> dict[str, str]:
    """Each package of a lock with its version, marker and hashes."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", "")
    entries = [line.partition("==") for line in text.splitlines() if not line.startswith("#")]
    return {name: " ".join(rest.split()) for name, _, rest in entries}


def with_their_own(wanted: list[Requirement]) -> set[str]:
    """The names of these packages, and of all that they need here, as their metadata say."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    while wanted:
        each = wanted.pop()
        name = canonicalize_name(each.name)
        for extra in ("", *each.extras):
            if (each.marker is None or each.marker.evaluate()) and (name, extra) not in seen:
                seen.add((name, extra))
                found.add(name)
                wanted += needs(name, extra)
    return found


def needs(name: str, extra: str) -> list[Requirement]:
    """What a package needs here; with an extra, what that adds too."""
    own = [Requirement(line) for line in requires(name) or ()]
    return [
        Requirement(f"{each.name}[{','.join(each.extras)}]" if each.extras else each.name)
        for each in own
        if each.marker is None or each.marker.evaluate({"extra": extra})
    ]
