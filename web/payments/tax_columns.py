"""The columns about tax in the CSV of the wallet: the developer's service, and our fee."""

from __future__ import annotations

from core.numbering import IssuedDocument, Series
from core.supplies import Supply

PARTS = ("sac", "supplier_gstin", "recipient_gstin", "place_of_supply", "gst_percent", "taxable")
AMOUNTS = ("cgst", "sgst", "igst")
ONE = (*PARTS, *AMOUNTS)
TAX_COLUMNS = ("recipient", *ONE, "fee", *(f"fee_{name}" for name in ONE))
"""Amounts are minor units. `taxable` and the three taxes are the parts of what was released, those
of the fee the parts of `fee`; of what a reversal takes back they are below zero. Rows without a
document, and documents of versions without these fields, have empty cells."""


def tax_cells(document: IssuedDocument | None) -> tuple[str | int, ...]:
    supply, fee = (document.supply, document.fee) if document else (None, None)
    sign = -1 if document and document.number.startswith(Series.REVERSAL) else 1
    return (
        supply.recipient.name if supply else "",
        *_cells(supply, sign),
        sign * fee.amount.amount if fee else "",
        *_cells(fee, sign),
    )


def _cells(supply: Supply | None, sign: int) -> tuple[str | int, ...]:
    if supply is None:
        return ("",) * len(ONE)
    return (
        supply.service_code,
        supply.supplier.gstin,
        supply.recipient.gstin,
        supply.place,
        supply.percent,
        sign * supply.taxable.amount,
        sign * supply.cgst.amount,
        sign * supply.sgst.amount,
        sign * supply.igst.amount,
    )
