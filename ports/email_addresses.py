"""The form and the canonical spelling of e-mail addresses."""

from __future__ import annotations

from typing import Protocol


class EmailAddresses(Protocol):
    """Checks addresses that people type. Asks no other server: whether a mailbox exists is found
    out by the code that is sent to it."""

    def canonical(self, typed: str) -> str:
        """The address as it is stored, compared and sent to: one form for all spellings.

        In lower case, in Unicode form NFC, the domain in its ASCII form (IDNA 2008): 'bücher',
        'BÜCHER' and 'xn--bcher-kva' are one. Full-width characters become plain ones; spaces and
        invisible characters around the address are left out. `canonical` of its own result is
        the same.

        Raises `Invalid` with the field `email`; its message says what is wrong. Refused are also
        what some mail programs accept: comments, quotation marks, several addresses, display
        names, IP addresses, domains without a dot, and reserved domains.
        """
        ...
