"""The e-mails that remind of a meeting, to a client in India and a developer in Spain."""

from __future__ import annotations

from core.policy import DAY, HOUR, MINUTE
from core.reminders import NOTICE
from ports.mail import Message
from tests.services.booking_emails import Scene, scene

TIMES = {"day": DAY, "hour": HOUR, "minutes": 10 * MINUTE}


async def reminded(here: Scene) -> None:
    """One hour before the start."""
    booking = await here.confirmed()
    here.app.clock.set(booking.start - HOUR)


async def every_reminder_email() -> dict[str, Message]:
    """By the name of the golden files: 'reminders.remind_meeting.client.day'."""
    here = await scene()
    booking, found = await here.confirmed(), dict[str, Message]()
    readers = {here.client.email: "client", here.developer.email: "developer"}
    for name, before in TIMES.items():
        here.app.mailer.sent.clear()
        here.app.clock.set(booking.start - before)
        await here.app.run()
        for message in here.app.mailer.sent:
            found[f"reminders.{NOTICE}.{readers[message.to]}.{name}"] = message
    return found
