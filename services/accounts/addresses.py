"""Finds accounts by e-mail addresses in any spelling."""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account, folded_email
from core.email_addresses import early_forms
from core.errors import Invalid
from ports.email_addresses import EmailAddresses
from ports.store import Repositories


@dataclass(frozen=True, slots=True)
class AccountAddresses:
    """Addresses of new accounts are canonical; those of version 0.1.0 are found as well."""

    email_addresses: EmailAddresses

    def canonical(self, typed: str) -> str:
        """The form in which a new address is stored. Raises `Invalid`."""
        return self.email_addresses.canonical(typed)

    def of_log_in(self, typed: str) -> str:
        """The canonical form, or that of version 0.1.0 for an address which only it accepted.
        Raises `Invalid` for a text that is neither."""
        try:
            return self.email_addresses.canonical(typed)
        except Invalid as refused:
            try:
                return folded_email(typed)
            except Invalid:
                raise refused from None

    def names(self, typed: str, account: Account) -> bool:
        """Whether the text is the address of the account."""
        try:
            return account.email in early_forms(self.of_log_in(typed))
        except Invalid:
            return False


async def find_account(repositories: Repositories, address: str) -> Account | None:
    """The account with this address (`AccountAddresses`): one read for an address in ASCII, more
    for others, which version 0.1.0 stored as they were typed."""
    for form in early_forms(address):
        found = await repositories.accounts.find_by_email(form)
        if found is not None:
            return found
    return None
