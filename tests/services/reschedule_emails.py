"""Every e-mail about a move, sent by the services in stories of moves. The client is in India, the
developer in Spain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from core.bookings import Booking
from core.errors import Conflict
from core.policy import DAY
from ports.mail import Message
from tests.services.booking_emails import Scene, scene

SAID = "Our release <moved> & so do we."


async def proposed(here: Scene, *, by_client: bool = True) -> Booking:
    booking = await here.confirmed()
    by = here.client if by_client else here.developer
    asked = await here.app.services.reschedules.propose(
        booking.id, by=by.id, start=booking.start + DAY, reason=SAID if by_client else ""
    )
    await here.app.run()
    return asked


async def moved(here: Scene) -> None:
    booking = await proposed(here)
    await here.app.services.reschedules.accept(booking.id, by=here.developer.id)


async def request_moved(here: Scene) -> None:
    booking = await here.paid()
    service = here.app.services.reschedules
    await service.propose(booking.id, by=here.developer.id, start=booking.start + DAY)
    await service.accept(booking.id, by=here.client.id)


async def delivery_moved(here: Scene) -> None:
    booking = await here.confirmed()
    await here.deliver(await here.app.job(booking))
    service = here.app.services.reschedules
    await service.propose(booking.id, by=here.client.id, start=booking.start + DAY)
    await service.accept(booking.id, by=here.developer.id)


async def refused(here: Scene) -> None:
    booking = await proposed(here, by_client=False)
    await here.app.services.reschedules.refuse(booking.id, by=here.client.id)


async def withdrawn(here: Scene) -> None:
    booking = await proposed(here)
    await here.app.services.reschedules.withdraw(booking.id, by=here.client.id)


async def expired(here: Scene) -> None:
    await proposed(here)
    await here.app.pass_time(DAY)


async def taken(here: Scene) -> None:
    booking = await proposed(here)
    rival, _ = await here.app.client("Rohan D")
    await here.app.services.bookings.hold(
        by=rival.id, developer_id=here.profile.id, start=booking.start + DAY, hours=2, brief="Me."
    )
    try:
        await here.app.services.reschedules.accept(booking.id, by=here.developer.id)
    except Conflict:
        return
    raise AssertionError("The time was taken.")


STORIES: Mapping[Callable[[Scene], Awaitable[object]], str] = {
    moved: "move_proposed.developer moved.client moved.developer",
    request_moved: "move_proposed.client moved.client moved.developer",
    delivery_moved: "moved.client moved.developer",
    refused: "move_proposed.client move_refused.developer",
    withdrawn: "move_withdrawn.developer",
    expired: "move_expired.client move_expired.developer",
    taken: "move_taken.client move_taken.developer",
}
"""Each story, and the e-mails it has golden files of."""


async def every_reschedule_email() -> dict[str, Message]:
    """By the name of the golden files: 'reschedules.moved.client.request_moved'."""
    found = dict[str, Message]()
    for story, names in STORIES.items():
        here = await scene()
        await story(here)
        await here.app.run()
        readers = {here.client.email: "client", here.developer.email: "developer"}
        mails = {
            f"{message.id.split('.')[1]}.{readers[message.to]}": message
            for message in here.app.mailer.sent
            if message.to in readers and "." in message.id
        }
        for name in names.split():
            found[f"reschedules.{name}.{story.__name__}"] = mails[name]
    return found
