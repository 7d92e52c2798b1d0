"""Billing details: how documents name a person or company, and where it is for the tax."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.errors import Errors, Invalid
from core.gst import ABROAD, STATES, checked_gstin
from core.text import checked_text

NAME_MAXIMUM = 120
ADDRESS_MAXIMUM = 300
COUNTRY_MAXIMUM = 60
"""Characters."""
ADDRESS_LINES = 5


@dataclass(frozen=True, slots=True)
class TaxParty:
    """Supplier or recipient, as a document names it. Texts that are not known are empty.

    `name` is the registered name. `address` has lines. `state` is the code of a state of India
    (core/gst.py), or `ABROAD`, and then `country` is a name.
    """

    name: str = ""
    address: str = ""
    state: str = ""
    country: str = ""
    gstin: str = ""


NOBODY = TaxParty()


@dataclass(frozen=True, slots=True)
class BillingDetails:
    """Those of one person, for the documents that are issued from now on. `id` is that of the
    account."""

    id: str
    party: TaxParty
    version: int = 0


def checked_billing(given: TaxParty) -> TaxParty:
    """The details as they are stored; `NOBODY` if all fields are empty. A GSTIN gives the state.

    Name, address and state are needed together, since the place of supply follows from the
    address. Raises `Invalid` with all fields that are not valid.
    """
    errors = Errors()
    found = NOBODY
    with errors:
        found = replace(found, gstin=checked_gstin(given.gstin))
    with errors:
        found = replace(found, name=_name(given.name))
    with errors:
        found = replace(found, address=_address(given.address))
    with errors:
        found = replace(found, country=_country(given.country))
    with errors:
        found = replace(found, state=_state(given.state, found.gstin))
    if errors.fields or found != NOBODY:
        _check_whole(found, errors)
    return found


def _check_whole(found: TaxParty, errors: Errors) -> None:
    if not found.name:
        errors.add(name="Enter the name, as it is registered.")
    if not found.address:
        errors.add(address="Enter the address.")
    if not found.state:
        errors.add(state="Choose the state, or “Outside India”.")
    if found.state == ABROAD and not found.country:
        errors.add(country="Enter the country.")
    if found.state not in ("", ABROAD) and found.country:
        errors.add(country="Leave this empty, or choose “Outside India” as the state.")
    errors.check()


def _name(text: str) -> str:
    return checked_text(text, field="name", maximum=NAME_MAXIMUM, called="name")


def _address(text: str) -> str:
    address = checked_text(
        text, field="address", maximum=ADDRESS_MAXIMUM, lines=True, called="address"
    )
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    if len(lines) > ADDRESS_LINES:
        raise Invalid(address=f"Use at most {ADDRESS_LINES} lines.")
    return "\n".join(lines)


def _country(text: str) -> str:
    country = checked_text(text, field="country", maximum=COUNTRY_MAXIMUM, called="country")
    if country.casefold() in ("india", "bharat"):
        raise Invalid(country="For an address in India, choose the state.")
    return country


def _state(text: str, gstin: str) -> str:
    state = text.strip() or gstin[:2]
    if state and state != ABROAD and state not in STATES:
        raise Invalid(state="Choose a state of the list.")
    if gstin and state == ABROAD:
        raise Invalid(gstin="Only an address in India has a GSTIN.")
    if gstin and state != gstin[:2]:
        raise Invalid(state=f"This GSTIN is of {STATES[gstin[:2]]}.")
    return state
