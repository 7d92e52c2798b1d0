"""Billing details are whole or empty, and a GSTIN fits the state."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.billing import NOBODY, TaxParty, checked_billing
from core.errors import Invalid
from core.gst import ABROAD

COMPANY = TaxParty("Krishnan Retail", "12th Main\nBengaluru 560038", "29", "", "29AAACK4821M1ZA")
BERLIN = TaxParty("Beispiel GmbH", "Hauptstr. 1\n10115 Berlin", ABROAD, "Germany")


def problems(given: TaxParty) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        checked_billing(given)
    return dict(error.value.fields)


def test_details_are_stored_as_they_are_shown() -> None:
    typed = TaxParty(" Krishnan  Retail ", " 12th Main \r\n\r\n Pune ", "", "", "27aapfu0939f1zv")

    found = checked_billing(typed)

    assert found == TaxParty("Krishnan  Retail", "12th Main\nPune", "27", "", "27AAPFU0939F1ZV")
    assert checked_billing(found) == found
    assert checked_billing(COMPANY) == COMPANY
    assert checked_billing(BERLIN) == BERLIN
    assert checked_billing(TaxParty(" ", "\n", "", " ", " ")) == NOBODY


def test_what_is_missing_is_said_together() -> None:
    assert problems(TaxParty(gstin="29AAACK4821M1ZA")).keys() == {"name", "address"}
    assert problems(TaxParty(name="Meera")).keys() == {"address", "state"}
    assert problems(replace(BERLIN, country="")).keys() == {"country"}


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        (replace(COMPANY, state="27"), "state", "This GSTIN is of Karnataka."),
        (replace(COMPANY, state="99"), "state", "Choose a state of the list."),
        (replace(COMPANY, gstin="29AAACK4821M1ZB"), "gstin", "typing mistake"),
        (replace(COMPANY, country="Germany"), "country", "Leave this empty"),
        (replace(COMPANY, address="a\nb\nc\nd\ne\nf"), "address", "at most 5 lines"),
        (replace(BERLIN, country="india"), "country", "choose the state"),
        (replace(BERLIN, gstin="29AAACK4821M1ZA"), "gstin", "Only an address in India"),
        (replace(COMPANY, name="x" * 121), "name", "Keep the name to 120 characters"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(given: TaxParty, field: str, says: str) -> None:
    assert says in problems(given)[field]
