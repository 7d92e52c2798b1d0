"""The services of the house, put together from their ports once per process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from core.audit import chain_key
from core.bookings import BookingId
from core.developers import DeveloperId
from core.jobs import JobId
from core.payments import PaymentId
from core.policy import Policy
from services.accounts.audit import AuditService
from services.accounts.entrance import Entrance, build_entrance
from services.avatars.service import AvatarService
from services.bookings.answers import AnswerService
from services.bookings.service import BookingService
from services.clients.service import ClientService
from services.developers.free_hours import FreeHours
from services.developers.search import DeveloperSearch
from services.developers.service import DeveloperService
from services.jobs.service import JobService
from services.live.service import LiveService
from services.notifications.service import NotificationService
from services.outbox.service import Handler, OutboxRelay
from services.payments.held_money import HeldMoney
from services.payments.service import PaymentService
from services.payments.settlement import Settlement
from services.shared.dependencies import Ports
from services.timeline.service import TimelineService


@dataclass(frozen=True, slots=True)
class Services(Entrance):
    clients: ClientService
    developers: DeveloperService
    bookings: BookingService
    answers: AnswerService
    payments: PaymentService
    jobs: JobService
    timeline: TimelineService
    audit: AuditService
    avatars: AvatarService
    outbox: OutboxRelay


def build_services(
    ports: Ports,
    *,
    policy: Policy,
    site: str,
    provider: str,
    key: bytes,
    lasting_key: bytes = b"",
    more_handlers: Mapping[str, Handler] | None = None,
) -> Services:
    """`site` is our own address, `provider` the gateway new payments use, `key` signs codes and
    may change; `lasting_key` seals the audit trail and stays, by default the same."""
    store, clock = ports.store, ports.clock
    held = HeldMoney(clock, policy, ports.extensions)
    settlement = Settlement(held, clock, policy, ports.extensions)
    payments = PaymentService(store, ports.gateways, settlement, clock, policy, site)
    entrance = build_entrance(ports, policy=policy, site=site, key=key)
    bookings = BookingService(store, payments, ports.extensions, clock, ports.ids, policy, provider)
    answers = AnswerService(store, held, ports.extensions, clock, policy)
    jobs = JobService(store, held, ports.extensions, clock, policy)
    free = FreeHours(store, clock)
    developer_search = DeveloperSearch(store, clock, free)
    developers = DeveloperService(store, developer_search, free, clock, policy)
    letters = NotificationService(
        store, ports.mailer, entrance.passwords.code_generator, entrance.passwords, clock, site
    )
    live = LiveService(ports.live, ports.extensions)
    audit = AuditService(store, chain_key(lasting_key or key))
    handlers: dict[str, Handler] = {
        "audit.record": audit.record,
        "accounts.mail": letters.about_account,
        "accounts.reset": letters.reset_password,
        "accounts.erase": _by("account", entrance.personal_data.forget),
        "live.session": live.session,
        "notifications.mail": letters.about_booking,
        "live.booking": live.booking,
        "live.slots": live.slots,
        "plugins.news": live.news,
        "developers.refresh": _by("developer", lambda i: developers.refresh(DeveloperId(i))),
        "bookings.expire": _by("booking", lambda i: bookings.expire(BookingId(i))),
        "bookings.auto_cancel": _by("booking", lambda i: answers.auto_cancel(BookingId(i))),
        "bookings.remind_answer": _by("booking", lambda i: answers.remind_answer(BookingId(i))),
        "payments.open": _by("payment", lambda i: payments.open_if_wanted(PaymentId(i))),
        "payments.heard": _by("order", payments.heard),
        "payments.refund": _by("payment", lambda i: payments.refund(PaymentId(i))),
        "payments.close": _by("payment", lambda i: payments.close(PaymentId(i))),
        "payments.poll": _poll(payments),
        "payments.expect_return": _expect_return(payments),
        "jobs.auto_approve": _delivery(jobs.auto_approve),
        "jobs.remind_review": _delivery(jobs.remind_review),
        "jobs.remind_delivery": _by("job", lambda i: jobs.remind_delivery(JobId(i))),
        "jobs.give_up": _by("job", lambda i: jobs.give_up(JobId(i))),
        **(more_handlers or {}),
    }
    return Services(
        **{field.name: getattr(entrance, field.name) for field in fields(entrance)},
        clients=ClientService(store),
        developers=developers,
        bookings=bookings,
        answers=answers,
        payments=payments,
        jobs=jobs,
        timeline=TimelineService(store),
        audit=audit,
        avatars=AvatarService(store, ports.pictures, clock, policy),
        outbox=OutboxRelay(store, clock, ports.ids, handlers),
    )


def _by(field: str, run: Callable[[str], Awaitable[None]]) -> Handler:
    async def handler(payload: Mapping[str, str]) -> None:
        await run(payload[field])

    return handler


def _poll(payments: PaymentService) -> Handler:
    async def handler(payload: Mapping[str, str]) -> None:
        await payments.poll(
            PaymentId(payload["payment"]),
            turn=int(payload["turn"]),
            since=datetime.fromisoformat(payload["since"]),
            name=payload["name"],
        )

    return handler


def _expect_return(payments: PaymentService) -> Handler:
    async def handler(payload: Mapping[str, str]) -> None:
        await payments.expect_return(PaymentId(payload["payment"]), payload["attempt"])

    return handler


def _delivery(run: Callable[..., Awaitable[None]]) -> Handler:
    async def handler(payload: Mapping[str, str]) -> None:
        await run(JobId(payload["job"]), delivery=int(payload["delivery"]))

    return handler
