"""Finds contact data and ways to pay in a message, for a warning before the first payment.

It is a hint for the sender and never refuses a message: no pattern can tell a phone number from
every other number.
"""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<![\w.,:/-])(?:\+|00)?[(\d][\d ()/-]{6,18}\d(?![\w:/])")
_OTHERS = (
    re.compile(r"[\w.+-]{1,64}@[\w.-]{1,253}\.\w{2,63}"),  # an e-mail address
    re.compile(
        r"\b[\w.-]{2,64}@(?:ok\w{1,20}|upi|ybl|ibl|axl|paytm|apl|\w{0,20}bank)\b", re.IGNORECASE
    ),
    re.compile(r"\b(?:whats ?app|telegram|skype|paypal|western union)\b", re.IGNORECASE),
    re.compile(r"\b(?:wa\.me|t\.me|paypal\.me)/", re.IGNORECASE),
)
_DIGIT = re.compile(r"\d")
_FEWEST_DIGITS, _MOST_DIGITS = 9, 15
"""Of a phone number with its area or country (ITU-T E.164 allows 15)."""


def has_contact_data(text: str) -> bool:
    """Whether the text seems to contain an address, a phone number, or a way to pay or talk
    outside of the site."""
    if any(pattern.search(text) for pattern in _OTHERS):
        return True
    counts = (len(_DIGIT.findall(found[0])) for found in _PHONE.finditer(text))
    return any(_FEWEST_DIGITS <= count <= _MOST_DIGITS for count in counts)
