"""The offer of the Mailjet adapter: ONEHOUR_MAIL=mailjet."""

from __future__ import annotations

from adapters.mailjet.settings import MailjetOptions
from ports.adapters import AdapterOffer, Resources
from ports.mail import Mailer
from ports.settings import WrongSetting


def _build(options: MailjetOptions, resources: Resources) -> Mailer:
    from adapters.mailjet.mailer import MailjetMailer, MailjetSettings

    key, secret = options.api_key, options.secret_key
    if not key or not secret:
        missing = "SECRET_KEY" if key else "API_KEY"
        raise WrongSetting(f"ONEHOUR_MAILJET_{missing} is missing: Mailjet needs both keys.")
    account = MailjetSettings(
        api_key=key,
        secret_key=secret,
        sandbox=options.sandbox,
        base_url=options.base_url,
        events_secret=options.events_secret,
    )
    return MailjetMailer(resources.http, account, resources.deployment.mail_from)


OFFER = AdapterOffer(
    port="mail",
    name="mailjet",
    settings=MailjetOptions,
    build=_build,
    configured=lambda options: bool(options.api_key and options.secret_key),
)
