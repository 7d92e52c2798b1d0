"""The area of administrators: overview, bookings, payments, jobs, outbox and search."""

from pathlib import Path

from web.administration.api import blueprint as api
from web.administration.findings import blueprint as findings
from web.administration.findings_api import blueprint as findings_api
from web.administration.lists import blueprint as lists
from web.administration.pages import blueprint as pages
from web.administration.payment_list import blueprint as payment_list
from web.administration.refunds import blueprint as refunds
from web.administration.refunds_api import blueprint as refunds_api
from web.administration.stopped_refunds import blueprint as stopped_refunds
from web.administration.stopped_refunds_api import blueprint as stopped_refunds_api
from web.administration.suspended_money import blueprint as suspended_money
from web.administration.suspended_money_api import blueprint as suspended_money_api
from web.administration.wording import ACTIVITY
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="administration",
    pages=(pages, lists, payment_list, findings, refunds, stopped_refunds, suspended_money),
    api=(api, findings_api, refunds_api, stopped_refunds_api, suspended_money_api),
    activity=ACTIVITY,
    static=StaticFolder("administration", Path(__file__).parent / "static", sheets=("admin.css",)),
)
