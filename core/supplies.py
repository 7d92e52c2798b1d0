"""Supplies as documents state them for the goods and services tax (GST): who supplies whom, the
place of supply, and the tax that is within the amount. docs/rules.md has the rules and their
sources.

Amounts include the tax, so a price is the same with and without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from core.billing import TaxParty
from core.gst import ABROAD, UNION_TERRITORIES, Operator
from core.money import Money, zero


@dataclass(frozen=True, slots=True)
class Supply:
    """A service, and the tax that is within `amount`: `taxable` + `cgst` + `sgst` + `igst` =
    `amount`, to the minor unit.

    `place` is a code of core/gst.py, empty if it is not known. `percent` is the rate of all taxes
    together, 0 without a tax.
    """

    supplier: TaxParty
    recipient: TaxParty
    service_code: str
    place: str
    percent: int
    amount: Money
    cgst: Money
    sgst: Money
    igst: Money

    @property
    def taxable(self) -> Money:
        return self.amount - self.cgst - self.sgst - self.igst

    @property
    def registered(self) -> bool:
        """Whether the supplier is registered for the tax."""
        return bool(self.supplier.gstin)

    @property
    def is_export(self) -> bool:
        """Export is zero-rated (IGST Act, section 16)."""
        return self.registered and self.place == ABROAD

    @property
    def taxes(self) -> tuple[tuple[str, Fraction, Money], ...]:
        """Name, rate in percent, and amount of each tax of this supply; empty without a tax."""
        if not self.percent:
            return ()
        whole = Fraction(self.percent)
        if self.place != self.supplier.state:
            return (("IGST", whole, self.igst),)
        theirs = "UTGST" if self.place in UNION_TERRITORIES else "SGST"
        return (("CGST", whole / 2, self.cgst), (theirs, whole / 2, self.sgst))

    def part(self, amount: Money, *, before: Money) -> Supply:
        """The part of this supply that a refund of `amount` gives back, when `before` was left of
        the payment until then: the tax in what was left, less the tax in what is left after it.
        So refunds of all of it give back exactly its tax."""
        was, rest = self._of(before), self._of(before - amount)
        return replace(
            self,
            amount=amount,
            cgst=was.cgst - rest.cgst,
            sgst=was.sgst - rest.sgst,
            igst=was.igst - rest.igst,
        )

    def only(self, amount: Money) -> Supply:
        """The same supply of another amount, as what is left of it."""
        return self._of(amount)

    def _of(self, amount: Money) -> Supply:
        none, rate = zero(amount.currency), Fraction(self.percent)
        if self.place == self.supplier.state:
            half = _tax_in(amount, rate / 2, self.percent)
            return replace(self, amount=amount, cgst=half, sgst=half, igst=none)
        igst = _tax_in(amount, rate, self.percent)
        return replace(self, amount=amount, cgst=none, sgst=none, igst=igst)


def supply_of(
    supplier: TaxParty, recipient: TaxParty, amount: Money, *, service_code: str, percent: int
) -> Supply:
    """The supply for `amount`, which includes the tax. There is none unless the supplier is
    registered, and for exports."""
    place = place_of_supply(supplier, recipient)
    taxed = bool(supplier.gstin) and place != ABROAD
    none = zero(amount.currency)
    supply = Supply(
        supplier,
        recipient,
        service_code,
        place,
        percent if taxed else 0,
        amount,
        cgst=none,
        sgst=none,
        igst=none,
    )
    return supply.only(amount)


def place_of_supply(supplier: TaxParty, recipient: TaxParty) -> str:
    """IGST Act, sections 12(2) and 13(2): where a registered recipient is registered, else where
    the recipient's address is, else where the supplier is. A GSTIN is always of the state."""
    return recipient.state or supplier.state


def party_of(operator: Operator) -> TaxParty:
    """The operator, as documents name it."""
    return TaxParty(
        name=operator.name,
        address=operator.address,
        state=operator.gstin[:2] or operator.state,
        gstin=operator.gstin,
    )


def _tax_in(amount: Money, rate: Fraction, percent: int) -> Money:
    """CGST Rules, rule 35: amount × rate ÷ (100 + sum of the rates), rounded half to even to the
    minor unit, each tax for itself."""
    return Money(round(amount.amount * rate / (100 + percent)), amount.currency)
