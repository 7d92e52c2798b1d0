"""Every kind of timeline and audit entry has its words, and wrong records are refused."""

from __future__ import annotations

from enum import StrEnum

import pytest

from core.timeline import Entry
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import Capability, WrongCapability
from services.timeline import BookingDetails
from web.app import WEB
from web.shared.capabilities import WebCapability
from web.shared.records import activity_wording, check_names, events_of, timeline_wording
from web.shared.sides import Side
from web.shared.timeline import Line, readable


class TripStep(StrEnum):
    LANDED = "landed"


TRIPS = Capability(
    name="trips", build=lambda dependencies, built: {}, personal_data=None, timeline=TripStep
)
AUDITED_TRIPS = Capability(
    name="trips", build=lambda dependencies, built: {}, personal_data=None, activity=TripStep
)


def landed(entry: Entry, details: BookingDetails, side: Side) -> Line:
    return Line("Landed")


async def ping(*_: object) -> None:
    """A socket event."""


def test_all_built_in_kinds_have_a_wording() -> None:
    timeline = {kind for each in CAPABILITIES if each.timeline for kind in each.timeline}
    audit = {kind for each in CAPABILITIES if each.activity for kind in each.activity}

    assert set(timeline_wording(WEB, CAPABILITIES)) == timeline
    assert set(activity_wording(WEB, CAPABILITIES)) == audit


def test_words_are_written_as_headings() -> None:
    for words in activity_wording(WEB, CAPABILITIES).values():
        assert words[0].isupper() and words[-1] != "."


def test_a_kind_of_a_capability_that_is_gone_is_made_readable() -> None:
    assert readable("bank_account_changed") == "Bank account changed"


def test_a_timeline_entry_without_wording_is_refused() -> None:
    with pytest.raises(WrongCapability) as refused:
        timeline_wording(WEB, (*CAPABILITIES, TRIPS))
    assert refused.value.message == "The timeline entry landed has no wording in any web record."


def test_an_audit_entry_without_wording_is_refused() -> None:
    with pytest.raises(WrongCapability) as refused:
        activity_wording(WEB, (*CAPABILITIES, AUDITED_TRIPS))
    assert refused.value.message == "The audit entry landed has no wording in any web record."


def test_two_wordings_of_one_entry_are_refused() -> None:
    records = [WebCapability(name=name, timeline={TripStep.LANDED: landed}) for name in "ab"]
    with pytest.raises(WrongCapability) as refused:
        timeline_wording(records, [TRIPS])
    assert refused.value.message == "The timeline entry landed is declared twice, by a and b."


def test_two_socket_events_of_one_name_are_refused() -> None:
    records = [WebCapability(name=name, events={"ping": ping}) for name in "ab"]
    with pytest.raises(WrongCapability) as refused:
        events_of(records)
    assert refused.value.message == "The socket event ping is declared twice, by a and b."


def test_two_web_records_of_one_name_are_refused() -> None:
    with pytest.raises(WrongCapability) as refused:
        check_names([WebCapability(name="a"), WebCapability(name="a")])
    assert refused.value.message == "The web record a is declared twice, by a and a."
