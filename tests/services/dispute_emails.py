"""Every e-mail about a dispute, sent by the services in stories of disputes. The client is in
India, the developer in Spain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from core.dispute_parts import OfferId, Reason, WishKind
from core.disputes import Dispute
from core.files import Purpose
from core.money import Money
from core.policy import DAY, HOUR, MINUTE
from ports.mail import Message
from tests.app import CALLER
from tests.builders.files import final
from tests.services.booking_emails import REASON, Scene, scene

SPLIT = Money(177_600)
SAID = "Staging was down for <25> minutes & nobody answered."


async def opened(here: Scene, wish: WishKind = WishKind.PART) -> Dispute:
    job = await here.delivered()
    dispute = await here.app.services.disputes.open(
        job.id,
        by=here.client.id,
        reason=Reason.NOT_AS_AGREED,
        wish=wish,
        amount=Money(400_000),
        text=SAID,
    )
    await here.app.run()
    return dispute


async def agreed(here: Scene) -> None:
    """Answered, with evidence and an offer that is accepted."""
    dispute = await opened(here)
    services = here.app.services
    plan = await final(here.app, here.developer.id, purpose=Purpose.EVIDENCE, name="plan.txt")
    await services.disputes.answer(
        dispute.id,
        by=here.developer.id,
        wish=WishKind.NOTHING_BACK,
        text="It is as agreed.",
        files=[plan.id],
    )
    names = (
        "load <b>&amp;balancer</b>.log",
        "../plan.txt",
        *(f"note {n}.txt" for n in range(1, 6)),
    )
    files = [
        await final(here.app, here.client.id, purpose=Purpose.EVIDENCE, name=name) for name in names
    ]
    await services.disputes.add_evidence(
        dispute.id, by=here.client.id, text="See the log.", files=[file.id for file in files]
    )
    await services.offers.offer(dispute.id, by=here.developer.id, refund=SPLIT, note="A share.")
    await here.app.run()
    await services.offers.accept(dispute.id, OfferId("ofr_1"), by=here.client.id)


async def decided(here: Scene) -> None:
    """Nobody answers; an administrator opens the case, asks, and decides."""
    dispute, admin = await opened(here), await here.app.admin()
    await here.app.pass_time(3 * DAY)
    for _ in range(5):
        await here.app.pass_time(DAY)
    decisions = here.app.services.decisions
    await decisions.open(dispute.id, by=admin, caller=CALLER)
    await here.app.run()
    await decisions.ask(dispute.id, by=admin, text="Was there a call?")
    await here.app.run()
    await decisions.settle(
        dispute.id, by=admin, caller=CALLER, refund=Money(320_000), reason=REASON
    )


async def time_over(here: Scene) -> None:
    await opened(here)
    for _ in range(61):
        await here.app.pass_time(DAY)


async def taken_back(here: Scene) -> None:
    dispute = await opened(here)
    await here.app.services.disputes.withdraw(dispute.id, by=here.client.id)


async def delivered_once_more(here: Scene) -> None:
    dispute = await opened(here, WishKind.CHANGES)
    await here.app.services.disputes.deliver_once_more(dispute.id, by=here.developer.id)


async def sent_again(here: Scene) -> None:
    job = await here.delivered()
    await here.app.services.jobs.send_again(job.id, by=here.client.id, notes="The ZIP is empty.")


async def cancelled_after_a_delivery(here: Scene) -> Dispute:
    booking = await here.confirmed()
    job = await here.deliver(await here.app.job(booking))
    await here.app.pass_time(3 * DAY - 13 * HOUR)
    await here.cancel(booking, here.client, REASON)
    await here.app.run()
    found = await here.app.services.disputes.of_job(job.id)
    assert found
    return found


async def contested(here: Scene) -> None:
    dispute = await cancelled_after_a_delivery(here)
    await here.app.services.disputes.answer(
        dispute.id, by=here.developer.id, wish=WishKind.NOTHING_BACK, text="The work is done."
    )


async def kept(here: Scene) -> None:
    dispute = await cancelled_after_a_delivery(here)
    await here.app.services.disputes.withdraw(dispute.id, by=here.client.id)


async def uncontested(here: Scene) -> None:
    await cancelled_after_a_delivery(here)
    await here.app.pass_time(2 * DAY)


async def nobody_came(here: Scene) -> None:
    """The developer was in the room alone, and the client does not answer."""
    booking = await here.confirmed()
    await here.app.pass_time(booking.start - here.app.clock.now())
    await here.app.services.call_presence.join(booking.id, "one", by=here.developer.id)
    await here.app.pass_time(11 * MINUTE)
    await here.app.services.no_shows.claim(booking.id, by=here.developer.id)
    for _ in range(2):
        await here.app.pass_time(36 * HOUR)


STORIES: Mapping[Callable[[Scene], Awaitable[object]], str] = {
    agreed: "dispute_opened dispute_answered dispute_evidence dispute_offered dispute_settled",
    decided: "dispute_unanswered dispute_deciding dispute_read dispute_asked dispute_settled",
    time_over: "dispute_settled",
    taken_back: "dispute_withdrawn",
    delivered_once_more: "dispute_resumed",
    sent_again: "send_again",
    contested: "cancellation_proposed cancellation_contested",
    kept: "cancellation_withdrawn",
    uncontested: "cancelled",
    nobody_came: "dispute_opened dispute_settled",
}
"""Each story, and the e-mails to both sides it has golden files of."""


async def every_dispute_email() -> dict[str, Message]:
    """By the name of the golden files: 'disputes.step.dispute_settled.client.agreed'."""
    found = dict[str, Message]()
    for story, names in STORIES.items():
        mails = await told(story)
        for name in names.split():
            for reader in ("client", "developer"):
                golden = f"{_template(name)}.{reader}.{story.__name__}"
                found[golden] = mails[f"{name}.{reader}"]
        if story is decided:
            found[f"{_template('remind_dispute')}.developer"] = mails["remind_dispute.developer"]
        if story is nobody_came:
            golden = f"{_template('remind_dispute')}.client.nobody_came"
            found[golden] = mails["remind_dispute.client"]
    return found


def _template(notice: str) -> str:
    """All e-mails about disputes have one template."""
    if notice in ("send_again", "cancelled"):
        return f"bookings.{notice}"
    return f"disputes.step.{notice}"


async def told(story: Callable[[Scene], Awaitable[object]]) -> dict[str, Message]:
    """The latest e-mail of each kind and reader, as 'dispute_settled.client'."""
    here = await scene()
    await story(here)
    await here.app.run()
    readers = {here.client.email: "client", here.developer.email: "developer"}
    return {
        f"{message.id.split('.')[1]}.{readers[message.to]}": message
        for message in here.app.mailer.sent
        if message.to in readers and "." in message.id
    }
