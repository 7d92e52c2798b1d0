"""Accounts on the web: registration, log-in, security, personal data, administration."""

from pathlib import Path

from web.accounts import notices, wording
from web.accounts.api import accounts as api_accounts
from web.accounts.api import activity as api_activity
from web.accounts.api import administration as api_administration
from web.accounts.api import factors as api_factors
from web.accounts.api import identities as api_identities
from web.accounts.api import passwords as api_passwords
from web.accounts.api import sessions as api_sessions
from web.accounts.api import tokens as api_tokens
from web.accounts.events import SESSION_ENDED
from web.accounts.pages import (
    activity,
    administration,
    passwords,
    personal_data,
    recovery_codes,
    registration,
    security,
    sessions,
)
from web.accounts.schemas import UserSchema
from web.accounts.schemas import user as user_schema
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
    "UserSchema",
    "user_schema",
]

WEB = WebCapability(
    name="accounts",
    pages=(
        registration.blueprint,
        sessions.blueprint,
        passwords.blueprint,
        security.blueprint,
        recovery_codes.blueprint,
        personal_data.blueprint,
        activity.blueprint,
        administration.blueprint,
    ),
    api=(
        api_accounts.blueprint,
        api_activity.blueprint,
        api_sessions.blueprint,
        api_factors.blueprint,
        api_passwords.blueprint,
        api_tokens.blueprint,
        api_identities.blueprint,
        api_administration.blueprint,
    ),
    static=StaticFolder("accounts", Path(__file__).parent / "static", sheets=("accounts.css",)),
    activity=wording.ACTIVITY,
    notices=notices.NOTICES,
    live_events=(SESSION_ENDED,),
)
