"""While the database is away, every route that needs it says so: 503 with `Retry-After`."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from core.errors import Unavailable
from tests.web.route_samples import all_samples
from tests.web.site import Browser, SiteWithBooking, build_site_with_booking
from web.shared.access import Who
from web.shared.cookies import HEADER
from web.shared.forms import TOKEN_FIELD

NEEDS_NO_DATABASE = {
    "accounts.choose", "accounts.sign_up", "accounts.show_confirm", "api_accounts.csrf",
    "checkout.launch", "checkout.module", "development.email", "development.mails",
    "development.mails_json", "home.rules", "home.time_zone", "notifications.service_worker",
    "passwords.forgot", "passwords.opened", "reference.document", "reference.events",
    "reference.show", "sessions.log_in", "site_pages.help", "site_pages.privacy",
    "site_pages.terms", "sitemaps.pages", "static", "storage.download", "system.healthz",
    "system.readyz", "well_known.change_password", "well_known.manifest", "well_known.robots",
    "well_known.security",
}  # fmt: skip
"""What a visitor can still open. `readyz` asks the adapter, which is memory here."""
REFUSED_BEFORE = {
    "accounts.confirm", "accounts.confirm_again", "api_accounts.resend",
    "api_accounts.verify_email", "api_calls.news", "api_notifications.reports",
    "api_passwords.reset", "api_sessions.login", "api_withdrawals.payouts",
    "api_tokens.issue", "api_tokens.refresh", "api_tokens.revoke", "home.choose_time_zone",
    "reports.collect", "sessions.enter", "storage.receive", "webhooks.payments",
}  # fmt: skip
"""Changes that need no database, or are refused before: their input is empty or unsigned here."""


class Away:
    """Repositories of a database that does not answer."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Unavailable


async def away(*_: object) -> NoReturn:
    raise Unavailable


@pytest.fixture
async def site() -> SiteWithBooking:
    return await build_site_with_booking()


async def without_database(
    site: SiteWithBooking, monkeypatch: pytest.MonkeyPatch
) -> dict[Who, Browser]:
    """The browsers that were open when the database went away."""
    browsers = {who: await site.browser_for(who) for who in Who}
    monkeypatch.setattr(site.app.store, "_repositories", Away())
    monkeypatch.setattr(site.app.store, "transact", away)
    return browsers


async def test_every_page_and_every_answer_says_so(
    site: SiteWithBooking, monkeypatch: pytest.MonkeyPatch
) -> None:
    browsers, others = await without_database(site, monkeypatch), set()
    for rule, access in site.rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "broken.broken":
            continue
        answer = await browsers[access.who].ask("GET", site.path(rule))
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0, rule
        else:
            assert answer.status_code < 500, rule
            others.add(rule.endpoint)

    assert others == NEEDS_NO_DATABASE


async def test_every_change_says_so(site: SiteWithBooking, monkeypatch: pytest.MonkeyPatch) -> None:
    browsers, others = await without_database(site, monkeypatch), set()
    for rule, access in site.rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            browser = browsers[access.who]
            answer = await browser.ask(
                method, site.path(rule), headers={HEADER: browser.token},
                **sent_to(rule.endpoint, browser.token),
            )  # fmt: skip
            if answer.status_code == 503:
                assert int(answer.headers["Retry-After"]) > 0, rule
            else:
                assert answer.status_code < 500, rule
                others.add(rule.endpoint)

    assert others == REFUSED_BEFORE


def sent_to(endpoint: str, token: str) -> dict[str, Any]:
    """The least that the route takes, where no preparation is needed; otherwise an empty form."""
    sample = all_samples().bodies.get(endpoint)
    sent = sample if isinstance(sample, dict) else {}
    if "json" in sent:
        return {"json": sent["json"]}
    return {"form": {**sent.get("form", {}), TOKEN_FIELD: token}}
