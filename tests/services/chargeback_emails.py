"""The e-mails about chargebacks, to a client in India and a developer in Spain."""

from __future__ import annotations

from core.chargebacks import Status
from core.policy import HOUR
from ports.mail import Message
from tests.builders.chargebacks import decide, question
from tests.services.booking_emails import scene


async def every_chargeback_email() -> dict[str, Message]:
    """By the name of the golden files: 'chargebacks.chargeback_lost.client'."""
    found = dict[str, Message]()
    for end, status in (("chargeback_won", Status.WON), ("chargeback_lost", Status.LOST)):
        here = await scene()
        booking = await here.confirmed()
        before = len(here.app.mailer.sent)
        reference = await question(here.app, booking)
        opened = here.app.mailer.sent[before:]
        here.app.clock.advance(HOUR)
        await decide(here.app, booking, reference, status)
        ended = here.app.mailer.sent[before + len(opened) :]
        for name, mails in (("chargeback_opened", opened), (end, ended)):
            for mail in mails:
                reader = "client" if mail.to == here.client.email else "developer"
                found[f"chargebacks.{name}.{reader}"] = mail
    return found
