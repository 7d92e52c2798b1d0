"""The reference of the hooks is complete and current, and each hook has a test and a plugin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from onehour import api
from onehour.hook_reference import LIMITS, PAGE, RECORDS, Hook, hooks, reference
from plugins import hookspecs
from plugins.manager import AWAITED, CONTRIBUTIONS
from tests.source_files import files_below

HOOKS = hooks()
TESTS = Path(__file__).parent
HERE = Path(__file__)


def test_the_page_is_current() -> None:
    """`python -m onehour.hook_reference` writes it."""
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_every_hook_has_its_section() -> None:
    names = [name for name in vars(hookspecs) if name.startswith("onehour_")]

    assert [each.name for each in HOOKS] == names
    assert re.findall(r"^## (onehour_\w+)$", reference(), re.MULTILINE) == names


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
def test_a_hook_is_documented_tested_and_used(hook: Hook) -> None:
    tests = (file for file in files_below(TESTS) if file.match("test_*.py"))
    tested = [file for file in tests if file != HERE]

    assert hook.kind in ("Contribution", *LIMITS)
    assert (hook.kind == "Contribution") is (hook.name in CONTRIBUTIONS)
    assert (hook.kind in LIMITS) is (hook.name in AWAITED)
    assert len(hook.text.split()) > 5
    assert any(f"def {hook.name}(" in file.read_text(encoding="utf-8") for file in tested)
    assert [user for user in hook.users if not user.startswith("tests/")]


@pytest.mark.parametrize("name", RECORDS)
def test_the_records_have_the_names_that_authors_import(name: str) -> None:
    assert getattr(api, name) is RECORDS[name]


def test_the_records_show_their_fields_and_what_stands_below_them() -> None:
    page = reference()

    assert "- `personal_data: PersonalData | None`" in page
    assert "- `BOOKING_FORM`: In the form of a booking, above its price" in page
    assert "- `settings(model)`: The values of a settings model." in page
