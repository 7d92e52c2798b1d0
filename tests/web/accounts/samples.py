"""Requests about accounts, sessions, passwords, second factors, identities and administration."""

from __future__ import annotations

from collections.abc import Mapping

from tests.app import PASSWORD
from tests.web.accounts.requests import (
    NEW_PASSWORD,
    confirm_app,
    confirm_email,
    confirm_new_email,
    credentials,
    erase,
    erase_by_api,
    fact,
    prepare,
    provider_answer,
    reset_password,
    step_up,
    with_app,
)
from tests.web.route_samples import NO_BODY, BuildRequest, PathVariable, RouteSamples, Sent

NEW_USER = {
    "name": "Nils", "email": "nils@example.com", "password": PASSWORD, "timezone": "Asia/Kolkata",
}  # fmt: skip
PAGES: Mapping[str, Sent | BuildRequest] = {
    "accounts.register": {"form": NEW_USER},
    "accounts.confirm": confirm_email("form"),
    "accounts.confirm_again": fact("unverified", "email", "form"),
    "accounts.add_role": {"form": {"role": "developer"}},
    "sessions.enter": credentials("form"),
    "sessions.verify": fact("pending code", "code", "form"),
    "sessions.code_again": NO_BODY,
    "sessions.log_out": NO_BODY,
    "sessions.step_up_code": NO_BODY,
    "sessions.stepped_up": step_up,
    "passwords.ask": {"form": {"email": "nobody@example.com"}},
    "passwords.reset": reset_password,
    "passwords.put": reset_password,
    "security.change_password": {"form": {"current": PASSWORD, "password": NEW_PASSWORD}},
    "security.ask_email": {"form": {"email": "new@example.com"}},
    "security.confirm_email": confirm_new_email("form"),
    "security.two_factor": {"form": {"enabled": "yes"}},
    "security.begin_app": NO_BODY,
    "security.confirm_app": confirm_app("form"),
    "security.remove_app": NO_BODY,
    "recovery_codes.renew": with_app,
    "recovery_codes.saved": NO_BODY,
    "security.end_session": NO_BODY,
    "security.end_others": NO_BODY,
    "security.link": NO_BODY,
    "security.unlink": NO_BODY,
    "personal_data.export": NO_BODY,
    "personal_data.erase": erase,
    "administration.change": {"form": {"do": "suspend"}},
}
API: Mapping[str, Sent | BuildRequest] = {
    "api_accounts.register": {"json": {"role": "client", **NEW_USER}},
    "api_accounts.verify_email": confirm_email("json"),
    "api_accounts.resend": fact("unverified", "email"),
    "api_accounts.change": {"json": {"name": "Somebody"}},
    "api_accounts.erase": erase_by_api,
    "api_accounts.add_role": {"json": {"role": "developer"}},
    "api_accounts.ask_new_email": {"json": {"email": "new@example.com"}},
    "api_accounts.confirm_new_email": confirm_new_email("json"),
    "api_sessions.login": credentials("json"),
    "api_sessions.verify": fact("pending code", "code"),
    "api_sessions.resend": NO_BODY,
    "api_sessions.step_up": {"json": {}},
    "api_sessions.logout": NO_BODY,
    "api_sessions.end": NO_BODY,
    "api_factors.switch": {"json": {"enabled": True}},
    "api_factors.begin": NO_BODY,
    "api_factors.confirm": confirm_app("json"),
    "api_factors.remove": NO_BODY,
    "api_factors.renew": with_app,
    "api_passwords.forgot": {"json": {"email": "nobody@example.com"}},
    "api_passwords.reset": fact("link", "token", password=NEW_PASSWORD),
    "api_passwords.change": {"json": {"current": PASSWORD, "password": NEW_PASSWORD}},
    "api_tokens.issue": credentials("json"),
    "api_tokens.refresh": fact("refresh", "refresh_token"),
    "api_tokens.revoke": fact("refresh", "refresh_token"),
    "api_identities.callback": provider_answer,
    "api_administration.change": {"json": {"suspended": True}},
}

SAMPLES = RouteSamples(
    bodies={**PAGES, **API},
    variables={
        "account_id": PathVariable(
            example=lambda site: site.client.id,
            own=lambda person, booking: person.own.get("account_id"),
            absent=f"acc_{'9' * 26}",
        ),
        "session_id": PathVariable(
            example=lambda site: "ses_nobodys",
            own=lambda person, booking: person.own.get("session_id"),
            absent=f"ses_{'9' * 26}",
        ),
        "provider": PathVariable(
            example=lambda site: site.app.gateway.name,
            known=lambda site: "memory",
            absent="nobody",
        ),
        "role": PathVariable(
            example=lambda site: "client", known=lambda site: "client", absent="admin"
        ),
        "link": PathVariable(
            example=lambda site: "acc_x.token",
            known=lambda site: site.facts["link"],
            absent=f"acc_{'9' * 26}.token",
        ),
    },
    prepare=prepare,
)
