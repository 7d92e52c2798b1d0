"""Documents exactly as MongoDB stores them, one file per collection in `golden/`.

They fix the stored form: a change that would write another document, or that could no longer
read these, fails `test_golden_documents.py`. A new kind of entity gets a `Golden` below and a
file, which `python -m tests.contracts.golden_documents` writes. Files that exist are data
somebody may have stored, so this program leaves them alone.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import ObjectId, json_util
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.periodic import PERIODIC_JOBS, MongoPeriodicJobs
from adapters.mongo.store import MongoStore
from core.periodic import PeriodicJob
from core.policy import HOUR, MINUTE
from core.transactions import Transaction
from onehour.testing import store_samples as samples
from onehour.testing.store_samples import NOW, Bell
from ports.idempotency_keys import Answer
from ports.store import Duplicate, Repositories
from tests.servers import start_mongo, stop

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]

FOLDER = Path(__file__).with_name("golden")
NO_ID = ObjectId("0" * 24)
"""Stands in a file for an object id, which is another one each time."""


@dataclass(frozen=True, slots=True)
class Golden:
    """One document: how a repository writes it, how it is read, and what is read then."""

    collection: str
    expected: Any
    write: Callable[[Repositories], Awaitable[object]]
    read: Callable[[Repositories], Awaitable[object]]


def golden() -> list[Golden]:
    """Every kind of document, each at least with an entity that has no field at its default."""
    return [*_people(), *_sign_in(), *_work(), *_records()]


def _people() -> list[Golden]:
    account, bare = samples.an_account(), samples.a_bare_account()
    client, developer = samples.a_client(), samples.a_developer()
    avatar = samples.an_avatar()
    return [
        Golden(
            "accounts",
            account,
            lambda repositories: repositories.accounts.add(account),
            lambda repositories: repositories.accounts.get(account.id),
        ),
        Golden(
            "accounts",
            bare,
            lambda repositories: repositories.accounts.add(bare),
            lambda repositories: repositories.accounts.get(bare.id),
        ),
        Golden(
            "clients",
            client,
            lambda repositories: repositories.clients.add(client),
            lambda repositories: repositories.clients.get(client.id),
        ),
        Golden(
            "developers",
            developer,
            lambda repositories: repositories.developers.add(developer),
            lambda repositories: repositories.developers.get(developer.id),
        ),
        Golden(
            "avatars",
            avatar,
            lambda repositories: repositories.avatars.put(avatar),
            lambda repositories: repositories.avatars.find(avatar.id),
        ),
    ]


def _sign_in() -> list[Golden]:
    session, code = samples.a_session(), samples.a_code()
    identity, oauth_state = samples.an_identity(), samples.an_oauth_state()
    return [
        Golden(
            "sessions",
            session,
            lambda repositories: repositories.sessions.add(session),
            lambda repositories: repositories.sessions.find(session.id),
        ),
        Golden(
            "codes",
            code,
            lambda repositories: repositories.codes.put(code),
            lambda repositories: repositories.codes.find(code.id),
        ),
        Golden(
            "throttles",
            {"login:gita": 1},
            lambda repositories: repositories.throttles.count("login:gita", window=HOUR, now=NOW),
            lambda repositories: repositories.throttles.counted(["login:gita"], now=NOW),
        ),
        Golden(
            "identities",
            identity,
            lambda repositories: repositories.identities.add(identity),
            lambda repositories: repositories.identities.find(identity.issuer, identity.subject),
        ),
        Golden(
            "journeys",
            oauth_state,
            lambda repositories: repositories.oauth_states.add(oauth_state),
            lambda repositories: repositories.oauth_states.take(oauth_state.id),
        ),
    ]


def _work() -> list[Golden]:
    booking, job = samples.a_whole_booking(), samples.a_job()
    payment, pending = samples.a_whole_payment(), samples.a_payment(2)
    transaction, delivery = samples.a_transaction(), samples.a_delivery()
    return [
        Golden(
            "bookings",
            booking,
            lambda repositories: repositories.bookings.add(booking),
            lambda repositories: repositories.bookings.get(booking.id),
        ),
        Golden(
            "payments",
            payment,
            lambda repositories: repositories.payments.add(payment),
            lambda repositories: repositories.payments.get(payment.id),
        ),
        Golden(
            "payments",
            pending,
            lambda repositories: repositories.payments.add(pending),
            lambda repositories: repositories.payments.get(pending.id),
        ),
        Golden(
            "transactions",
            (transaction,),
            lambda repositories: repositories.transactions.add(transaction),
            _ledger,
        ),
        Golden(
            "jobs",
            job,
            lambda repositories: repositories.jobs.add(job),
            lambda repositories: repositories.jobs.get(job.id),
        ),
        Golden(
            "deliveries",
            (delivery,),
            lambda repositories: repositories.deliveries.add(delivery),
            lambda repositories: repositories.deliveries.of_job(delivery.job_id),
        ),
    ]


def _records() -> list[Golden]:
    entry, untold = samples.an_entry(), samples.an_entry(2, money=None)
    fact, head = samples.an_audit_entry()
    message, finding = samples.a_whole_effect(), samples.a_finding()
    periodic = samples.a_periodic_job()
    received, suppression = samples.a_notice(), samples.a_suppression()
    return [
        Golden(
            "timeline",
            (entry,),
            lambda repositories: repositories.timeline.add(entry),
            lambda repositories: repositories.timeline.of_booking("bkg_1"),
        ),
        Golden(
            "timeline",
            (untold,),
            lambda repositories: repositories.timeline.add(untold),
            lambda repositories: repositories.timeline.of_booking("bkg_1"),
        ),
        Golden(
            "audit",
            fact,
            lambda repositories: repositories.audit.append(fact, head),
            lambda repositories: repositories.audit.last(fact.account_id),
        ),
        Golden(
            "audit_heads",
            head,
            lambda repositories: repositories.audit.append(fact, head),
            lambda repositories: repositories.audit.head(head.account_id),
        ),
        Golden(
            "effects",
            message,
            lambda repositories: repositories.outbox.add(message),
            lambda repositories: repositories.outbox.find(message.id),
        ),
        Golden(
            "periodic_jobs",
            (periodic,),
            lambda repositories: _insert_periodic(repositories, periodic),
            lambda repositories: repositories.periodic_jobs.all(),
        ),
        Golden(
            "findings",
            (finding,),
            lambda repositories: repositories.findings.report(finding),
            lambda repositories: repositories.findings.open(),
        ),
        Golden("request_keys", Answer(201, b"\x00{}"), _answer, _answered),
        Golden("inbox", True, lambda repositories: repositories.inbox.add(received), _is_kept),
        Golden(
            "suppressions",
            suppression,
            lambda repositories: repositories.suppressions.add(suppression),
            lambda repositories: repositories.suppressions.find(suppression.email),
        ),
    ]


async def _insert_periodic(repositories: Repositories, job: PeriodicJob) -> None:
    """Past the repository, which takes all times from the server's clock."""
    assert isinstance(repositories.periodic_jobs, MongoPeriodicJobs)
    await repositories.periodic_jobs.rows.insert(PERIODIC_JOBS.to_document(job))


async def _ledger(repositories: Repositories) -> tuple[Transaction, ...]:
    return tuple([transaction async for transaction in repositories.transactions.all()])


async def _answer(repositories: Repositories) -> None:
    await repositories.idempotency_keys.begin("acc_1:key", "fingerprint", now=NOW)
    await repositories.idempotency_keys.finish(
        "acc_1:key", Answer(201, b"\x00{}"), now=NOW + MINUTE
    )


async def _answered(repositories: Repositories) -> Answer | None:
    return await repositories.idempotency_keys.begin("acc_1:key", "fingerprint", now=NOW + MINUTE)


async def _is_kept(repositories: Repositories) -> bool:
    """The inbox is never read by the application; a second notice with its id is refused."""
    try:
        await repositories.inbox.add(samples.a_notice())
    except Duplicate:
        return True
    return False


def canonical(document: Document) -> str:
    """Extended JSON that names every type, so that 32 and 64 bits differ."""
    steady = {name: NO_ID if isinstance(v, ObjectId) else v for name, v in document.items()}
    options = json_util.CANONICAL_JSON_OPTIONS
    return json_util.dumps(steady, json_options=options, sort_keys=True, ensure_ascii=False)


def stored(collection: str) -> list[Document]:
    """The documents of a golden file."""
    text = (FOLDER / f"{collection}.json").read_text("utf-8")
    found: list[Document] = json_util.loads(text, json_options=json_util.CANONICAL_JSON_OPTIONS)
    return found


async def write_missing(store: MongoStore, database: Any) -> None:
    """Make the files of collections that have none yet."""
    documents: dict[str, list[str]] = {}
    for one in golden():
        if not (FOLDER / f"{one.collection}.json").exists():
            documents.setdefault(one.collection, []).append(await _written(one, store, database))
    for collection, texts in documents.items():
        readable = json.dumps([json.loads(t) for t in texts], indent=2, ensure_ascii=False)
        (FOLDER / f"{collection}.json").write_text(readable + "\n", "utf-8")


async def _written(one: Golden, store: MongoStore, database: Any) -> str:
    for name in await database.list_collection_names():
        await database[name].delete_many({})
    await one.write(store.repositories)
    return canonical(await database[one.collection].find_one())


async def main(url: str) -> None:
    client: Client = AsyncIOMotorClient(url, tz_aware=True)
    await write_missing(MongoStore(client, "golden", FixedClock(NOW), Bell()), client["golden"])
    client.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        process, mongo_url = start_mongo(Path(folder))
        asyncio.run(main(mongo_url))
        stop(process)
