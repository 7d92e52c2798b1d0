"""Audit entries about an account, in words."""

from __future__ import annotations

from collections.abc import Mapping

from core.accounts import AccountActivity

ACTIVITY: Mapping[str, str] = {
    AccountActivity.REGISTERED: "Account created",
    AccountActivity.EMAIL_CONFIRMED: "E-mail address confirmed",
    AccountActivity.EMAIL_UNCONFIRMED: "Confirmation of the e-mail address withdrawn",
    AccountActivity.SIGNED_IN: "Logged in",
    AccountActivity.SIGN_IN_REFUSED: "Log-in locked after many wrong attempts",
    AccountActivity.SIGNED_OUT: "Logged out",
    AccountActivity.SESSION_ENDED: "Session ended from another device",
    AccountActivity.STEP_UP: "Identity confirmed again",
    AccountActivity.PASSWORD_CHANGED: "Password changed",
    AccountActivity.PASSWORD_RESET: "Password reset by e-mail",
    AccountActivity.EMAIL_CHANGED: "E-mail address changed",
    AccountActivity.TWO_FACTOR_ON: "Code at log-in turned on",
    AccountActivity.TWO_FACTOR_OFF: "Code at log-in turned off",
    AccountActivity.TOTP_ON: "Authenticator app added",
    AccountActivity.TOTP_OFF: "Authenticator app removed",
    AccountActivity.RECOVERY_CODES_MADE: "Recovery codes created",
    AccountActivity.RECOVERY_CODE_USED: "Recovery code used",
    AccountActivity.TOKEN_ISSUED: "Access token issued",
    AccountActivity.TOKEN_REUSED: "Used token presented again, so its session was ended",
    AccountActivity.TOKEN_REVOKED: "Access token revoked",
    AccountActivity.IDENTITY_LINKED: "Log-in with another provider linked",
    AccountActivity.IDENTITY_UNLINKED: "Log-in with another provider unlinked",
    AccountActivity.ROLE_ADDED: "Role added",
    AccountActivity.ROLES_CHANGED: "Roles changed",
    AccountActivity.SUSPENDED: "Account suspended",
    AccountActivity.UNSUSPENDED: "Account suspension ended",
    AccountActivity.EXPORTED: "Data exported",
    AccountActivity.ERASED: "Account erased",
    AccountActivity.ADMIN_CREATED: "Administrator created",
    AccountActivity.ADMIN_READ: "Viewed by an administrator",
    AccountActivity.LIST_EXPORTED: "Exported a list of administrators",
}
