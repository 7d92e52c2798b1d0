"""Every e-mail about a booking, sent by the services in the story of a booking that ends in one of
the possible ways. The client is in India, the developer in Spain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from core.accounts import Account, AccountId
from core.bookings import Booking
from core.developers import Developer
from core.jobs import Job
from core.money import Money
from core.payments import PaymentId
from core.policy import DAY, HOUR, MINUTE
from ports.mail import Message
from services.payments import Solution, Solving
from tests.app import CALLER, MemoryApp

MADRID = "Europe/Madrid"
BRIEF = 'Our <report> takes "38 seconds" & costs $title.'
REASON = "I am ill; it’s <b>bad</b>.\n\nSorry,\r\nuntil next week."
NOTE = "The index is in <main>.\n\nTwo queries are left."
CHANGES = "Also by month, please & thanks."


@dataclass(frozen=True)
class Scene:
    """A client and a developer who have not met yet, and the e-mails about their bookings."""

    app: MemoryApp
    client: Account
    developer: Account
    profile: Developer

    async def paid(self, starts_in: timedelta = 3 * DAY) -> Booking:
        booking = await self.held(starts_in)
        await self.app.pay(booking)
        await self.app.settle(booking)
        return await self.current(booking)

    async def held(self, starts_in: timedelta = 3 * DAY) -> Booking:
        return (
            await self.app.services.bookings.hold(
                by=self.client.id,
                developer_id=self.profile.id,
                start=self.app.clock.now() + starts_in,
                hours=2,
                brief=BRIEF,
            )
        ).booking

    async def confirmed(self, starts_in: timedelta = 3 * DAY) -> Booking:
        booking = await self.paid(starts_in)
        await self.app.services.answers.accept(booking.id, by=self.developer.id)
        return await self.current(booking)

    async def delivered(self) -> Job:
        """Delivered after the booked time."""
        booking = await self.confirmed()
        await self.app.pass_time(4 * DAY)
        return await self.deliver(await self.app.job(booking))

    async def deliver(self, job: Job) -> Job:
        delivered = await self.app.services.jobs.deliver(job.id, by=self.developer.id, note=NOTE)
        await self.app.run()
        return delivered

    async def cancel(self, booking: Booking, by: Account, reason: str = "") -> None:
        await self.app.services.answers.cancel(booking.id, by=by.id, reason=reason)

    async def current(self, booking: Booking) -> Booking:
        await self.app.run()
        return await self.app.booking(booking.id)

    def mails(self) -> dict[str, Message]:
        """The latest e-mail of each kind and reader, as 'cancelled.client'."""
        found = dict[str, Message]()
        readers = {self.client.email: "client", self.developer.email: "developer"}
        for message in self.app.mailer.sent:
            if "/bookings/" in message.text:
                _, kind, *_ = message.id.split(".")
                found[f"{kind}.{readers[message.to]}"] = message
        return found


Story = Callable[[Scene], Awaitable[object]]


async def scene() -> Scene:
    app = MemoryApp()
    client, _ = await app.client()
    profile = await app.developer()
    repositories = app.store.repositories
    account = await repositories.accounts.get(AccountId(profile.account_id))
    account = await repositories.accounts.save(replace(account, timezone=MADRID))
    profile = await app.services.developers.update_availability(
        by=account.id,
        timezone=MADRID,
        weekly=profile.availability.weekly,
        notice_hours=4,
        horizon_days=60,
    )
    return Scene(app, client, account, profile)


async def declined(here: Scene, reason: str = REASON) -> None:
    booking = await here.paid()
    await here.app.services.answers.decline(booking.id, by=here.developer.id, reason=reason)


async def declined_without_reason(here: Scene) -> None:
    await declined(here, reason="")


async def not_answered(here: Scene) -> None:
    await here.paid()
    await here.app.pass_time(DAY)


async def reminded_to_answer(here: Scene) -> None:
    await here.paid()
    await here.app.pass_time(12 * HOUR)


async def client_cancels_before_the_answer(here: Scene) -> None:
    await here.cancel(await here.paid(), here.client, REASON)


async def client_cancels_early(here: Scene) -> None:
    await here.cancel(await here.confirmed(), here.client)


async def client_cancels_late(here: Scene) -> None:
    booking = await here.confirmed()
    await here.app.pass_time(3 * DAY - 13 * HOUR)
    await here.cancel(booking, here.client, REASON)


async def client_cancels_too_late(here: Scene) -> None:
    booking = await here.confirmed()
    await here.app.pass_time(3 * DAY - 11 * HOUR)
    await here.cancel(booking, here.client)


async def developer_cancels(here: Scene) -> None:
    booking = await here.confirmed()
    await here.app.pass_time(3 * DAY - 11 * HOUR)
    await here.cancel(booking, here.developer, REASON)


async def accepted_close_to_the_start(here: Scene) -> None:
    await here.confirmed(starts_in=8 * HOUR)


async def not_delivered(here: Scene) -> None:
    await here.confirmed()
    for _ in range(18):
        await here.app.pass_time(DAY)


async def changes_not_delivered(here: Scene) -> None:
    job = await here.delivered()
    await here.app.services.jobs.request_changes(job.id, by=here.client.id, notes=CHANGES)
    for _ in range(15):
        await here.app.pass_time(DAY)


async def approved(here: Scene) -> None:
    job = await here.delivered()
    await here.app.services.jobs.approve(job.id, by=here.client.id)


async def approved_before_the_meeting(here: Scene) -> None:
    job = await here.deliver(await here.app.job(await here.confirmed()))
    await here.app.services.jobs.approve(job.id, by=here.client.id)


async def approved_automatically(here: Scene) -> None:
    await here.delivered()
    for _ in range(6):
        await here.app.pass_time(12 * HOUR)


async def paid_too_late(here: Scene) -> None:
    booking = await here.held()
    await here.app.pass_time(18 * MINUTE)
    await here.paid(3 * DAY - 18 * MINUTE)
    await here.app.pay(booking)
    await here.app.settle(booking)


async def paid_twice(here: Scene) -> None:
    booking = await here.paid()
    await here.app.pay(booking)
    await here.app.settle(booking)


async def paid_another_amount(here: Scene) -> None:
    booking = await here.held()
    order = await here.app.order_of(booking)
    here.app.gateway.pay(order, amount=Money(100_000))
    await here.app.settle(booking)


async def still_paying_at_the_end(here: Scene) -> None:
    booking = await here.held()
    await here.app.pay(booking, "pending")
    await here.app.pass_time(18 * MINUTE)
    for _ in range(25):
        await here.app.pass_time(MINUTE)


async def failed_to_pay(here: Scene) -> None:
    booking = await here.held()
    await here.app.pay(booking, "failed")
    await here.app.pass_time(18 * MINUTE)


async def refund_decided(here: Scene) -> None:
    booking = await here.confirmed()
    await here.app.services.refunds.refund(
        PaymentId(booking.payment_id),
        by=await here.app.admin(),
        caller=CALLER,
        amount=Money(100_000),
        reason=REASON,
    )


async def refund_paid_otherwise(here: Scene) -> None:
    """The provider refuses the refund each time."""
    booking = await here.confirmed()
    here.app.gateway.refunds_fail = True
    await here.cancel(booking, here.developer)
    for _ in range(4):
        await here.app.pass_time(DAY)
    ((waiting,), _) = await here.app.services.stopped_refunds.page()
    await here.app.services.stopped_refunds.solve(
        waiting.payment_id,
        waiting.id,
        by=await here.app.admin(),
        caller=CALLER,
        solving=Solving.checked(Solution.PAID_OTHERWISE, reason=REASON, reference="UTR 4711"),
    )


STORIES: Mapping[Story, str] = {
    reminded_to_answer: ("requested.developer paid.client remind_answer.developer"),
    declined: "declined.client declined.developer refunded.client",
    declined_without_reason: "declined.client declined.developer",
    not_answered: "auto_cancelled.client auto_cancelled.developer refunded.client",
    client_cancels_before_the_answer: "cancelled.client cancelled.developer refunded.client",
    accepted_close_to_the_start: "accepted.client accepted.developer",
    client_cancels_early: (
        "accepted.client accepted.developer cancelled.client cancelled.developer refunded.client"
    ),
    client_cancels_late: "cancelled.client cancelled.developer refunded.client",
    client_cancels_too_late: "cancelled.client cancelled.developer",
    developer_cancels: "cancelled.client cancelled.developer refunded.client",
    not_delivered: (
        "remind_delivery.developer not_delivered.client not_delivered.developer refunded.client"
    ),
    changes_not_delivered: (
        "changes_requested.client changes_requested.developer "
        "not_delivered.client not_delivered.developer refunded.client"
    ),
    approved: "delivered.client delivered.developer approved.client released.developer",
    approved_before_the_meeting: (
        "delivered.client delivered.developer approved.client released.developer"
    ),
    approved_automatically: "remind_review.client approved.client released.developer",
    paid_too_late: "paid_too_late.client refunded.client",
    paid_twice: "paid_twice.client",
    failed_to_pay: "expired.client",
    still_paying_at_the_end: "expired.client",
    paid_another_amount: "under_review.client",
    refund_decided: "refund_decided.client refund_decided.developer",
    refund_paid_otherwise: "refund_paid_otherwise.client",
}
"""Each story, and the e-mails it has golden files of."""


async def told(story: Story) -> dict[str, Message]:
    """The e-mails about bookings that a story sends, as 'cancelled.client'."""
    here = await scene()
    await story(here)
    await here.app.run()
    return here.mails()


async def every_booking_email() -> dict[str, Message]:
    """By the name of the golden files: 'bookings.cancelled.client.client_cancels_late'."""
    found = dict[str, Message]()
    for story, names in STORIES.items():
        mails = await told(story)
        for name in names.split():
            found[f"bookings.{name}.{story.__name__}"] = mails[name]
    return found
