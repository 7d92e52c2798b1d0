"""The offer of the SMTP adapter: ONEHOUR_MAIL=smtp."""

from __future__ import annotations

from adapters.smtp.settings import SmtpOptions
from ports.adapters import AdapterOffer, Resources
from ports.mail import Mailer
from ports.settings import WrongSetting


def _build(options: SmtpOptions, resources: Resources) -> Mailer:
    from adapters.smtp.mailer import SmtpMailer, SmtpSettings
    from adapters.smtp.return_paths import ReturnPaths

    if options.url is None:
        raise WrongSetting("ONEHOUR_SMTP_URL is missing: the mail server to use.")
    returns = None
    if options.return_path:
        returns = ReturnPaths(options.return_path, resources.return_secret)
    server = SmtpSettings.parse(options.url)
    return SmtpMailer(server, resources.deployment.mail_from, returns=returns)


OFFER = AdapterOffer(
    port="mail",
    name="smtp",
    settings=SmtpOptions,
    build=_build,
    configured=lambda options: options.url is not None,
)
