"""The paths of all pages of the full site, by who opens them."""

from __future__ import annotations

from tests.browser.full_site import FullSite

OPEN_PAGES = (
    "/", "/rules", "/help", "/terms", "/privacy", "/api/v1/docs", "/developers",
    "/developers?skill=PostgreSQL&when=week&max_rate=3000",
    "/developers?q=cobol", "/developers?q=%21%21", "/developers?q=Python+cobol",
    "/developers?q=python&language=Klingon", "/developers?q=postgresql+django",
    "/developers?date=2020-01-01&min_rate=x", "/sign-up",
    "/sign-up/client?next=/developers", "/sign-up/developer", "/sign-up?why=no_account_yet",
    "/login", "/login?why=identity_unproven", "/login?reset=done", "/login?next=/developers/dev_1",
    "/forgot", "/reset", "/confirm", "/?erased=yes", "/dev/mail", "/nothing-here", "/time-zone",
)  # fmt: skip
PAGES_OF = {
    "Meera": ("/dashboard", "/account", "/account/avatar", "/account/activity",
              "/account/security", "/account/data", "/welcome", "held", "requested", "confirmed",
              "delivered", "declined", "confirmed/cancel", "requested/return",
              "held/return", "declined/return", "/account/verify", "cancelled_late",
              "confirmed/receipt", "declined/receipt", "cancelled_late/receipt", "/notifications",
              "/notifications?show=new", "/notifications/preferences",
              "/messages", "chat/long", "chat/asked", "chat/long?edit=6", "chat/long?reply=2",
              "chat/long?q=staging", "chat/long?at=1", "chat/asked?q=nothing", "held/messages",
              "chat-report/long", "confirmed/call", "delivered/call",
              "/account/calendar", "confirmed/reschedule", "requested/reschedule",
              "held/reschedule", "problem/confirmed", "/uploads/evidence", "/uploads/chat",
              "/uploads/brief", "write/Tomasz", "/wallet"),
    "Rohan": ("/messages", "chat/blocked", "failed/return", "given_back", "given_back/return",
              "changes", "/dashboard",
              "delivered_early", "delivered_early/cancel", "approved_early",
              "approved_early/cancel", "disputed", "dispute", "delivery/disputed"),
    "Nils": ("/dashboard", "/profile", "/messages"),
    "Lucía": ("/dashboard", "/profile", "/profile/hours", "/account", "/account/activity", "asked",
              "changes", "delivered", "confirmed", "completed", "confirmed/cancel",
              "completed/receipt", "delivered_early", "approved_early",
              "confirmed/reschedule", "delivered_early/reschedule", "/account/calendar",
              "/messages", "chat/long", "chat/blocked", "/uploads/delivery", "/wallet"),
    "Tomasz": ("/messages", "cancelled_late", "cancelled_late/receipt", "dispute",
               "delivery/disputed"),
    "Sana": ("/welcome", "/dashboard", "/profile", "/profile/hours", "/account/security"),
    "Kavya": ("/account/security", "/account/verify", "/admin"),
    "Long": ("/account", "/account/security", "/account/data", "/account/verify",
             "/notifications", "/notifications/preferences"),
    "Asha": ("/admin", "/admin/reports", "report", "/admin/people", "/admin/people?email=nobody",
             "/admin/audit",
             "/admin/people/nobody", "/admin/bookings", "/admin/payments", "/admin/jobs",
             "/admin/outbox", "/admin/outbox?state=waiting", "/admin/outbox?state=done",
             "/admin/search?q=nobody", "/admin/search?q=krishnan", "case/completed", "case/held",
             "money/completed", "money/declined", "/admin/disputes", "decide",
             "decide/messages",
             "people/Meera", "people/Long", "people/Oliver", "people/Asha", "/welcome", "/account",
             "/account/security", "/account/activity", "/account/data"),
}  # fmt: skip
FRESH_PAGES = ("/account/security/password", "/account/security/email", "/account/data/erase")
"""What opens only after a code that was entered a short while ago."""


def address(site: FullSite, page: str) -> str:
    if page.startswith("/"):
        return page
    state, slash, rest = page.partition("/")
    if state == "chat-report":
        return f"/messages/{site.chats[rest]}/report"
    if state == "report":
        return f"/admin/reports/{site.report}"
    if state == "chat":
        name, _, query = rest.partition("?")
        return f"/messages/{site.chats[name]}{'?' + query if query else ''}"
    if state == "problem":
        return f"/jobs/{site.jobs[rest]}/problem"
    if state == "dispute":
        return f"/disputes/{site.dispute}"
    if state == "delivery":
        return f"/jobs/{site.jobs[rest]}/deliveries/1"
    if state == "write":
        return f"/messages/with/{site.developers[rest].id}"
    if state == "decide":
        return f"/admin/disputes/{site.dispute}{slash}{rest}"
    if state == "people":
        return f"/admin/people/{site.people[rest].id}"
    if state == "case":
        return f"/admin/bookings/{site.bookings[rest]}"
    if state == "money":
        return f"/admin/payments/pay_{site.bookings[rest].partition('_')[2]}"
    return f"/bookings/{site.bookings[state]}{slash}{rest}"
