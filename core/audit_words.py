"""The audit trail in the words of people: what each kind of entry is called."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "registered": "Account created",
    "email_confirmed": "E-mail address confirmed",
    "email_unconfirmed": "Confirmation of the e-mail address taken back",
    "signed_in": "Logged in",
    "sign_in_refused": "Log-in shut after many wrong tries",
    "signed_out": "Logged out",
    "session_ended": "Session ended from another device",
    "step_up": "Identity confirmed once more",
    "password_changed": "Password changed",
    "password_reset": "Password reset by e-mail",
    "email_changed": "E-mail address changed",
    "two_factor_on": "Code at log-in switched on",
    "two_factor_off": "Code at log-in switched off",
    "totp_on": "Authenticator app added",
    "totp_off": "Authenticator app removed",
    "recovery_codes_made": "Recovery codes made",
    "recovery_code_used": "Recovery code used",
    "token_issued": "Access token issued",
    "token_reused": "Used token shown again, so its session was ended",
    "token_revoked": "Access token revoked",
    "identity_linked": "Log-in with another provider linked",
    "identity_unlinked": "Log-in with another provider unlinked",
    "role_added": "Role added",
    "roles_changed": "Roles changed",
    "suspended": "Account suspended",
    "unsuspended": "Account opened again",
    "exported": "Data exported",
    "erased": "Account erased",
    "admin_created": "Made an administrator",
    "admin_read": "Looked at by an administrator",
    "booking_paid": "Payment received for a booking",
    "paid_twice": "Second payment received; the payment provider returns it",
    "money_held_back": "Payment of another amount received; it waits for a decision",
    "money_released": "Payment released",
    "refund_owed": "Refund begun",
    "money_refunded": "Refund completed",
}


def words(what: str) -> str:
    """What a person reads; a word the table has not yet is made readable."""
    return WORDS.get(what) or what.replace("_", " ").strip().capitalize()
