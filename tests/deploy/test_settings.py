"""What `deploy/` sets is what the application reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from onehour.settings import setting_names
from tests.deploy import DEPLOY

FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".lock")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DEPLOY)))
def test_every_name_in_the_files_is_a_setting(file: Path) -> None:
    named = set(re.findall(r"ONEHOUR_[A-Z0-9_]*[A-Z0-9]", file.read_text(encoding="utf-8")))

    assert named <= setting_names().keys()
