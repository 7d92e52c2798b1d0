"""Finds contact data and ways to pay in a message, for a warning before the first payment.

It is a hint for the sender and never refuses a message: no pattern can tell a phone number from
every other number.
"""

from __future__ import annotations

import re

_PHONE = re.compile(r"(?<![\w.,:/-])(?:\+|00)?[(\d][\d ()/-]{6,18}\d(?![\w:/])")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,253}\.\w{2,63}")
_UPI = re.compile(
    r"\b[\w.-]{2,64}@(?:ok\w{1,20}|upi|ybl|ibl|axl|paytm|apl|\w{0,20}bank)\b", re.IGNORECASE
)
_NAMES = re.compile(
    r"\b(?:whats ?app|telegram|skype|paypal|western union)\b|\b(?:wa|t|paypal)\.me/", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_FEWEST_DIGITS, _MOST_DIGITS = 9, 15
"""Of a phone number with its area or country (ITU-T E.164 allows 15)."""


def has_contact_data(text: str) -> bool:
    """Whether the text seems to contain an address, a phone number, or a way to pay or talk
    outside of the site. Most texts have neither many digits nor an "@" and take little time."""
    if "@" in text and (_ADDRESS.search(text) or _UPI.search(text)):
        return True
    if len(_DIGIT.findall(text)) >= _FEWEST_DIGITS:
        counts = (len(_DIGIT.findall(found[0])) for found in _PHONE.finditer(text))
        if any(_FEWEST_DIGITS <= count <= _MOST_DIGITS for count in counts):
            return True
    return bool(_NAMES.search(text))
