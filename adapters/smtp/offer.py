"""The offer of the SMTP adapter: ONEHOUR_MAIL=smtp."""

from __future__ import annotations

from adapters.smtp.settings import SmtpOptions
from ports.adapters import AdapterOffer, Resources
from ports.mail import Mailer
from ports.settings import WrongSetting


def _build(options: SmtpOptions, resources: Resources) -> Mailer:
    from adapters.smtp.mailer import SmtpMailer, SmtpSettings

    if options.url is None:
        raise WrongSetting("ONEHOUR_SMTP_URL is missing: the mail server to use.")
    return SmtpMailer(SmtpSettings.parse(options.url), resources.deployment.mail_from)


OFFER = AdapterOffer(
    port="mail",
    name="smtp",
    settings=SmtpOptions,
    build=_build,
    configured=lambda options: options.url is not None,
)
