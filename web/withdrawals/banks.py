"""Names of banks by the first four letters of an IFSC (Reserve Bank of India)."""

from __future__ import annotations

from collections.abc import Mapping

from core.payout_accounts import Destination, Kind

BANKS: Mapping[str, str] = {
    "AUBL": "AU Small Finance Bank",
    "BARB": "Bank of Baroda",
    "BKID": "Bank of India",
    "CBIN": "Central Bank of India",
    "CITI": "Citibank",
    "CNRB": "Canara Bank",
    "DBSS": "DBS Bank",
    "FDRL": "Federal Bank",
    "HDFC": "HDFC Bank",
    "HSBC": "HSBC",
    "IBKL": "IDBI Bank",
    "ICIC": "ICICI Bank",
    "IDFB": "IDFC First Bank",
    "IDIB": "Indian Bank",
    "INDB": "IndusInd Bank",
    "IOBA": "Indian Overseas Bank",
    "KKBK": "Kotak Mahindra Bank",
    "MAHB": "Bank of Maharashtra",
    "PUNB": "Punjab National Bank",
    "SBIN": "State Bank of India",
    "SCBL": "Standard Chartered",
    "UBIN": "Union Bank of India",
    "UCBA": "UCO Bank",
    "UTIB": "Axis Bank",
    "YESB": "Yes Bank",
}


def bank_of(destination: Destination) -> str:
    """'HDFC Bank', 'UPI', or 'Bank account' for a bank that is not in the list."""
    if destination.kind is Kind.UPI:
        return "UPI"
    return BANKS.get(destination.ifsc[:4], "Bank account")


def place(destination: Destination) -> str:
    """'HDFC Bank, account ending 4821', or 'UPI, an•••@okhdfc'."""
    if destination.kind is Kind.UPI:
        return f"UPI, {destination.ending}"
    return f"{bank_of(destination)}, account ending {destination.ending}"
