"""Taxes within amounts: their parts always add up, and refunds give back exactly what was in the
payment."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.billing import NOBODY, TaxParty
from core.gst import ABROAD, STATES
from core.money import Money
from core.supplies import Supply, place_of_supply, supply_of

KARNATAKA = TaxParty("Iyer Systems", "1 MG Road", "29", gstin="29AAACK4821M1ZA")
PUNE = TaxParty("Krishnan Analytics", "12 FC Road", "27", gstin="27AAPFU0939F1ZV")
HOME = TaxParty("Meera Krishnan", "3 Church Street", "29")
BERLIN = TaxParty("Beispiel GmbH", "Hauptstr. 1", ABROAD, "Germany")

amounts = st.integers(1, 10_000_000).map(Money)
percents = st.integers(0, 40)
parties = st.sampled_from((NOBODY, KARNATAKA, PUNE, HOME, BERLIN))


def of(
    amount: int, supplier: TaxParty = KARNATAKA, recipient: TaxParty = HOME, percent: int = 18
) -> Supply:
    return supply_of(supplier, recipient, Money(amount), service_code="998314", percent=percent)


@given(amounts, percents, parties, parties)
def test_the_parts_are_the_whole_and_the_tax_is_charged_once(
    amount: Money, percent: int, supplier: TaxParty, recipient: TaxParty
) -> None:
    supply = supply_of(supplier, recipient, amount, service_code="998314", percent=percent)

    parts = (supply.taxable, supply.cgst, supply.sgst, supply.igst)
    assert sum(parts, Money(0)) == amount
    assert min(parts) >= Money(0)
    assert supply.cgst == supply.sgst
    assert not (supply.cgst and supply.igst)
    assert sum((each for _, _, each in supply.taxes), Money(0)) == amount - supply.taxable
    exact = amount.amount * supply.percent / (100 + supply.percent)
    assert abs(amount.amount - supply.taxable.amount - exact) <= 1
    if not supplier.gstin or recipient.state == ABROAD:
        assert (supply.percent, supply.taxable) == (0, amount)


@given(
    st.lists(st.integers(1, 500_000), min_size=2, max_size=6, unique=True),
    percents,
    st.sampled_from((HOME, PUNE)),
)
def test_refunds_of_all_give_back_exactly_the_tax_of_the_payment(
    cuts: list[int], percent: int, recipient: TaxParty
) -> None:
    """What is left of the payment falls from the highest of `cuts` to the others, then to 0."""
    left = [*sorted(cuts, reverse=True), 0]
    receipt = of(left[0], recipient=recipient, percent=percent)

    notes = [receipt.part(Money(a - b), before=Money(a)) for a, b in pairwise(left)]

    for part in ("amount", "taxable", "cgst", "sgst", "igst"):
        given_back = sum((getattr(note, part) for note in notes), Money(0))
        assert given_back == getattr(receipt, part), part
    assert all(min(note.cgst, note.sgst, note.igst) >= Money(0) for note in notes)
    kept = receipt.only(Money(left[1]))
    assert kept.taxable + notes[0].taxable == receipt.taxable


@given(parties, parties)
def test_the_place_is_the_recipients_else_the_suppliers(
    supplier: TaxParty, recipient: TaxParty
) -> None:
    place = place_of_supply(supplier, recipient)

    assert place == (recipient.state or supplier.state)
    assert place == recipient.gstin[:2] or not recipient.gstin
    assert place in {*STATES, ABROAD, ""}


def test_tax_within_a_state_and_between_states() -> None:
    within, between = of(480_000), of(480_000, recipient=PUNE)

    assert (within.taxable, within.cgst, within.sgst) == (Money(406_780),) + (Money(36_610),) * 2
    assert [(name, float(rate)) for name, rate, _ in within.taxes] == [("CGST", 9), ("SGST", 9)]
    assert (between.taxable, between.igst) == (Money(406_780), Money(73_220))
    assert [(name, float(rate)) for name, rate, _ in between.taxes] == [("IGST", 18)]


def test_a_union_territory_without_a_legislature_has_a_tax_of_its_own_name() -> None:
    ladakh = TaxParty("Leh Soft", "Main Bazaar", "38", gstin="38AAACK4821M1ZB")

    assert [name for name, _, _ in of(100, ladakh, NOBODY).taxes] == ["CGST", "UTGST"]


def test_an_export_has_no_tax_and_an_unregistered_supplier_exports_nothing() -> None:
    assert of(480_000, recipient=BERLIN).is_export
    assert of(480_000, recipient=BERLIN).taxes == ()
    assert not of(480_000, HOME, BERLIN).is_export
