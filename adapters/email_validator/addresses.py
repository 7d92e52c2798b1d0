"""Canonical e-mail addresses by email-validator, which follows RFC 5321, 6531 and IDNA 2008."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from adapters.email_validator.reasons import LOCAL_MAXIMUM, reason
from core.characters import SPACES, is_visible
from core.errors import Invalid
from ports.email_addresses import EmailAddresses

LONGEST = 254
"""Bytes of an address (RFC 5321, 4.5.3.1.3, less the angle brackets)."""
READ_AT_MOST = 1000
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {ord("﹫"): ord("@")}
"""The forms that keyboards for Chinese and Japanese write instead of ASCII."""


class ValidatedEmailAddresses(EmailAddresses):
    def canonical(self, typed: str) -> str:
        if len(typed) > READ_AT_MOST:
            raise Invalid(email=reason(typed))
        text = _without_frame(typed).translate(FULL_WIDTH)
        try:
            found = validate_email(text, strict=True, check_deliverability=False)
        except (EmailNotValidError, UnicodeError, ValueError) as error:
            raise Invalid(email=reason(text)) from error
        local = unicodedata.normalize("NFC", found.local_part.lower())
        address = f"{local}@{(found.ascii_domain or found.domain).lower()}"
        if len(address.encode()) > LONGEST or len(local.encode()) > LOCAL_MAXIMUM:
            raise Invalid(email=reason(text))
        return address


def _without_frame(text: str) -> str:
    """The text without spaces and invisible characters before and after it. Control characters
    stay, so that they are refused."""
    start, end = 0, len(text)
    while start < end and _is_frame(text[start]):
        start += 1
    while start < end and _is_frame(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_frame(char: str) -> bool:
    return (
        char in SPACES
        or char in "\r"
        or (unicodedata.category(char) == "Cf" and not is_visible(char))
    )
