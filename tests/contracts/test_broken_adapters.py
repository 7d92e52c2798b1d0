"""The cases of the contract suites fail for the adapters that break their promise, and for no
other reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from onehour.testing.suite import cases_of
from tests.contracts.broken.suite import Suite
from tests.contracts.broken.suites import SUITES

BROKEN = [(suite, adapter) for suite in SUITES for adapter in suite.adapters]
PORTS = ("payments", "payouts", "video", "mail", "push", "storage", "virus_scan", "identity")
OF_VALUES = {
    "test_a_line_break_in_the_subject_begins_no_header",
    "test_only_a_url_can_be_where_mail_is_stopped",
    "test_the_size_of_an_upload_is_limited",
}
"""`Message` and `Upload` keep these promises themselves, so that no adapter can break them."""
WHOLE = {
    "test_a_message_arrives_whole",
    "test_a_right_answer_identifies",
    "test_a_message_arrives_whole_and_at_its_browser_only",
    "test_its_name_and_module_are_of_use",
    "test_an_uploaded_file_is_read_back_unchanged",
}
"""Nothing works in an adapter that fails these."""
ENCRYPTED = {"test_a_key_that_is_none_is_refused"}
"""The adapter in memory encrypts nothing."""


@pytest.mark.parametrize(
    ("suite", "adapter"), BROKEN, ids=[adapter.__qualname__ for _, adapter in BROKEN]
)
async def test_a_broken_adapter_fails_what_it_breaks_and_nothing_else(
    suite: Suite, adapter: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert await suite.failed(adapter, tmp_path, caplog) == adapter.breaks


@pytest.mark.parametrize("suite", SUITES, ids=[each.contract.__name__ for each in SUITES])
async def test_the_adapter_that_is_broken_there_fails_nothing(
    suite: Suite, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sound = suite.base if suite.base is not object else suite.adapters[0].__mro__[1]

    assert await suite.failed(sound, tmp_path, caplog) == set()


def test_each_case_of_these_ports_has_a_broken_adapter() -> None:
    """A case without one might not be able to fail."""
    cases = {(each.contract, case) for each in SUITES for case in cases_of(each.contract)}
    broken = {(suite.contract, case) for suite, adapter in BROKEN for case in adapter.breaks}

    unbroken = {case for contract, case in cases - broken if contract.port in PORTS}
    assert sorted(unbroken - OF_VALUES - WHOLE - ENCRYPTED) == []
