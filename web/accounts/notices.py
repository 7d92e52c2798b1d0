"""Wording of notifications about how a person logs in."""

from __future__ import annotations

from collections.abc import Mapping

from core.notifications import Notification
from web.shared.notices import NoticeLine, NoticeWording, NoticeWords

NOT_YOU = "Was it not you? Set a new password now; this ends all sessions."


def _line(heading: str, before: str = "") -> NoticeWording:
    def words(entry: Notification, _: object) -> NoticeLine:
        return NoticeLine(heading, f"{before}{NOT_YOU}", "/account/security", "lock")

    return words


def _provider(verb: str) -> NoticeWording:
    def words(entry: Notification, _: object) -> NoticeLine:
        heading = f"Logging in with {entry.subject or 'another provider'} was {verb}"
        return NoticeLine(heading, NOT_YOU, "/account/security", "lock")

    return words


def _recovery_code_used(entry: Notification, _: object) -> NoticeLine:
    left = f"Codes left: {entry.subject}. " if entry.subject else ""
    return NoticeLine("A recovery code was used", f"{left}{NOT_YOU}", "/account/security", "lock")


WORDS: Mapping[str, NoticeWording] = {
    "email_changed": _line("Your e-mail address was changed", "All other sessions were ended. "),
    "identity_linked": _provider("added"),
    "identity_unlinked": _provider("removed"),
    "password_changed": _line("Your password was changed", "All other sessions were ended. "),
    "recovery_code_used": _recovery_code_used,
    "recovery_codes_made": _line("You have new recovery codes", "The old ones no longer work. "),
    "token_reused": _line("A program was signed out", "It used a token that had been renewed. "),
    "totp_off": _line("Your authenticator app was removed"),
    "totp_on": _line("Your authenticator app is set up"),
    "two_factor_off": _line("Log-ins no longer ask for a code"),
    "two_factor_on": _line("Log-ins now ask for a code"),
}
NOTICES = NoticeWords(WORDS)
