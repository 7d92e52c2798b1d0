"""Parts of the heads of public pages: absolute addresses, and data for search engines."""

from __future__ import annotations

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from quart import Blueprint, url_for

from core.developers import Developer
from core.money import Money
from web.shared.assets import avatar_url
from web.shared.context import formats, site
from web.shared.headers import nonce

blueprint = Blueprint("discovery", __name__, template_folder="templates")

SCHEMA = "https://schema.org"
HOUR_CODE = "HUR"
"""The hour as a unit of price (UN/CEFACT Recommendation 20)."""


@blueprint.app_template_global()
def absolute(path: str) -> str:
    """The address of a path of this site; other addresses unchanged."""
    return f"{site().base_url}{path}" if path.startswith("/") else path


@blueprint.app_template_global()
def locale_code() -> str:
    """The locale of the site as Open Graph writes it: 'en_IN'."""
    return formats().locale.replace("-", "_")


@blueprint.app_template_global()
def profile_data(developer: Developer) -> Markup:
    """The data of a published profile as JSON-LD, in a script element. Nothing in it can end the
    element: `<`, `>`, `&` and `'` are written as escapes of JSON."""
    return Markup('<script type="application/ld+json" nonce="{}">{}</script>').format(
        nonce(), htmlsafe_json_dumps(structured(developer), ensure_ascii=False)
    )


def structured(developer: Developer) -> dict[str, object]:
    """A page about a person who offers an hour of work (schema.org). Ratings are not in it."""
    page = absolute(url_for("developers.show", developer_id=developer.id))
    person: dict[str, object] = {
        "@type": "Person",
        "@id": f"{page}#person",
        "name": developer.name,
        "description": developer.headline,
        "url": page,
        "knowsAbout": list(developer.skills),
        "knowsLanguage": list(developer.languages),
        "makesOffer": _offer(developer, page),
    }
    if developer.avatar:
        person["image"] = absolute(avatar_url(developer.avatar))
    return {"@context": SCHEMA, "@type": "ProfilePage", "url": page, "mainEntity": person}


def _offer(developer: Developer, page: str) -> dict[str, object]:
    price = {"price": decimal_of(developer.rate), "priceCurrency": developer.rate.currency}
    service = {
        "@type": "Service",
        "name": f"One hour with {developer.name}",
        "serviceType": "Software development",
        "provider": {"@id": f"{page}#person"},
    }
    unit = {"@type": "UnitPriceSpecification", **price, "unitCode": HOUR_CODE}
    return {
        "@type": "Offer",
        "url": page,
        **price,
        "priceSpecification": unit,
        "itemOffered": service,
    }


def decimal_of(amount: Money) -> str:
    """'2400.00': the price for programs. Prices of hours are in rupees and paise."""
    rupees, paise = divmod(amount.amount, 100)
    return f"{rupees}.{paise:02d}"
