"""Notices of changes of how people log in."""

from __future__ import annotations

from core.accounts_messages import AccountEmail
from ports.store import Repositories
from services.accounts.emails import ChangeEmail
from services.shared.notices import SECURITY, Notice, NoticeReader

CHANGES = (
    "email_changed",
    "identity_linked",
    "identity_unlinked",
    "password_changed",
    "recovery_code_used",
    "recovery_codes_made",
    "token_reused",
    "totp_off",
    "totp_on",
    "two_factor_off",
    "two_factor_on",
)


async def _change(repositories: Repositories, about: NoticeReader) -> ChangeEmail:
    """For the subject of the e-mail, which is the text of a push message."""
    facts = AccountEmail(about.delivery.notice, about.account.email, about.account.timezone)
    return ChangeEmail(about.site, about.now, facts)


SECURITY_NOTICES = tuple(
    Notice(name, f"accounts/{name}", SECURITY, context=_change, mailed=True) for name in CHANGES
)
