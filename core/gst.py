"""Numbers of the Indian goods and services tax, as documents show them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import Invalid

STATES = {
    "01": "Jammu and Kashmir", "02": "Himachal Pradesh", "03": "Punjab", "04": "Chandigarh",
    "05": "Uttarakhand", "06": "Haryana", "07": "Delhi", "08": "Rajasthan", "09": "Uttar Pradesh",
    "10": "Bihar", "11": "Sikkim", "12": "Arunachal Pradesh", "13": "Nagaland", "14": "Manipur",
    "15": "Mizoram", "16": "Tripura", "17": "Meghalaya", "18": "Assam", "19": "West Bengal",
    "20": "Jharkhand", "21": "Odisha", "22": "Chhattisgarh", "23": "Madhya Pradesh",
    "24": "Gujarat", "26": "Dadra and Nagar Haveli and Daman and Diu", "27": "Maharashtra",
    "29": "Karnataka", "30": "Goa", "31": "Lakshadweep", "32": "Kerala", "33": "Tamil Nadu",
    "34": "Puducherry", "35": "Andaman and Nicobar Islands", "36": "Telangana",
    "37": "Andhra Pradesh", "38": "Ladakh", "97": "Other Territory",
}  # fmt: skip
"""The first two digits of a GSTIN."""
ABROAD = "96"
"""The code of places outside India in returns and invoices."""
UNION_TERRITORIES = frozenset({"04", "26", "31", "35", "38", "97"})
"""Those without a legislature: their part of the tax is called UTGST."""
SERVICE_CODE = "998314"
"""SAC of the design and development of information technology."""
FEE_SERVICE_CODE = "998599"
"""SAC of other support services, under which marketplaces charge their fees."""
PERCENT = 18
"""The rate of both codes: notification 11/2017-Central Tax (Rate), headings 9983 and 9985."""
FORM = re.compile(r"\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]")
LENGTH = 15
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the site, as documents name it. Texts that are not set are left out.

    `state` is the code of its state if it has no GSTIN. `service_code` is that
    of the developers' work, `fee_service_code` that of our fee; `percent` is the rate of both.
    """

    name: str = ""
    address: str = ""
    gstin: str = ""
    service_code: str = SERVICE_CODE
    state: str = ""
    fee_service_code: str = FEE_SERVICE_CODE
    percent: int = PERCENT


def checked_gstin(text: str) -> str:
    """The number as it is stored; empty for an empty text. Raises `Invalid` with the field `gstin`
    for one of another form, of no state, or with a wrong check character."""
    gstin = "".join(text.split()).upper()
    if not gstin:
        return ""
    if len(gstin) != LENGTH:
        raise Invalid(gstin=f"A GSTIN has {LENGTH} characters, this one has {len(gstin)}.")
    if not gstin.isascii() or not FORM.fullmatch(gstin) or gstin[:2] not in STATES:
        raise Invalid(gstin="This is no GSTIN. It looks like 29AAACK4821M1ZA.")
    if check_character(gstin[:-1]) != gstin[-1]:
        raise Invalid(gstin="This GSTIN has a typing mistake: its last character does not fit.")
    return gstin


def check_character(first: str) -> str:
    """The last character of a GSTIN, by the first 14: their values with the weights 1 and 2 in
    turn, each product's two digits to the base 36 added, filled up to a multiple of 36."""
    total = 0
    for place, char in enumerate(first):
        product = ALPHABET.index(char) * (1 + place % 2)
        total += sum(divmod(product, len(ALPHABET)))
    return ALPHABET[-total % len(ALPHABET)]


def state_name(code: str) -> str:
    """`Karnataka (29)`, `Outside India (96)`; empty for an empty code."""
    name = STATES.get(code, "Outside India")
    return f"{name} ({code})" if code else ""
