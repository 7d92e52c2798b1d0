"""The words of parties and taxes on documents, from what was frozen when they were issued."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from core.billing import TaxParty
from core.gst import ABROAD, state_name
from core.numbering import IssuedDocument
from core.supplies import Supply, party_of
from ports.printing import Block, Fact, Sum
from web.shared.context import formats, site

NAME = "1HourDeveloper"


def party(heading: str, name: str, details: TaxParty | None, otherwise: str) -> Block:
    """A party of the booking; `otherwise` is the line below its name if it has given nothing."""
    lines = tuple(_lines(details, name)) if details else ()
    return Block(heading, name, lines or (otherwise,))


def issuer(document: IssuedDocument | None = None) -> tuple[Block, ...]:
    """The operator of the site, if the settings named it when the document was issued."""
    operator = document.issuer if document else None
    found = operator or party_of(site().operator)
    name = found.name or NAME
    lines = tuple(_lines(found, name))
    return (Block("Issued by", name, lines),) if found.name or lines else ()


def place(supply: Supply | None) -> tuple[Fact, ...]:
    """The place of supply, where it matters."""
    if supply is None or not supply.registered:
        return ()
    return (Fact("Place of supply", state_name(supply.place)),)


def fee_place(fee: Supply | None) -> tuple[Fact, ...]:
    """The same for our fee."""
    if fee is None or not fee.registered:
        return ()
    return (Fact("Our fee", f"SAC {fee.service_code}, supplied in {state_name(fee.place)}"),)


def taxes(supply: Supply | None, of: str = "") -> Iterator[Sum]:
    """The taxable value and each tax, as the parts of an amount that includes them. `of` says of
    what, if that is not clear. Nothing without a tax."""
    if supply is None or not supply.percent:
        return
    money, more = formats().money, f" of {of}" if of else ""
    yield Sum(f"Taxable value{more}", money(supply.taxable))
    for name, rate, amount in supply.taxes:
        yield Sum(f"{name} {_percent(rate)}{more}", money(amount))


def tax_hint(supply: Supply | None) -> str:
    """Why there is a tax or none, for documents on which somebody has a GSTIN."""
    if supply is None:
        return ""
    if supply.is_export:
        return "Export of services, zero-rated: no GST is charged. "
    if supply.percent:
        return "The price includes GST. "
    if supply.recipient.gstin:
        return "No GST is charged, because the developer has given no GSTIN. "
    return ""


def _lines(details: TaxParty, name: str) -> Iterator[str]:
    if details.name and details.name != name:
        yield details.name
    yield from details.address.splitlines()
    if details.state == ABROAD:
        yield details.country
    elif details.state:
        yield f"{state_name(details.state)}, India"
    if details.gstin:
        yield f"GSTIN {details.gstin}"


def _percent(rate: Fraction) -> str:
    """`9 %`, and `2.5 %` for the half of an odd rate."""
    whole = formats().percent(int(rate))
    return whole if rate.denominator == 1 else whole.replace(f"{int(rate)}", f"{float(rate):g}")
