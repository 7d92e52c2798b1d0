"""Declared documents exactly as MongoDB stores them, one file per collection in `golden_declared/`,
as `golden_documents.py` has them for repositories. `python -m tests.contracts.golden_declared`
writes the files of collections that have none yet."""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bson import json_util
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.billing import BillingDetails, TaxParty
from core.bookings import BookingId
from core.bundle_checks import BundleCheck
from core.chargebacks import Chargeback, Reserve, chargeback_id
from core.chargebacks import Status as ChargebackStatus
from core.dispute_parts import (
    Evidence,
    How,
    Offer,
    OfferId,
    OfferState,
    Reason,
    Settlement,
    Statement,
    Wish,
    WishKind,
)
from core.disputes import Dispute, DisputeId, Status
from core.earnings import Balance, Clearing, balance_id
from core.extensions import PluginState
from core.file_usage import FileUsage
from core.files import (
    ArchiveEntry,
    Contents,
    EntryKind,
    FileId,
    Kind,
    Preview,
    PreviewName,
    Purpose,
    State,
    StoredFile,
)
from core.money import Money
from core.money_days import MoneyDay
from core.numbering import DocumentNumber, IssuedDocument, NumberSeries, SeriesId
from core.pads import Pad, PadChange, PadState
from core.payout_accounts import Destination, NameMatch, PayoutAccount, PayoutAccountId
from core.payout_accounts import Kind as BankOrUpi
from core.payout_accounts import State as AccountState
from core.settlements import (
    LineKind,
    ProviderSettlement,
    SettledLine,
    SettlementReading,
    settlement_id,
)
from core.settlements import Status as SettlementStatus
from core.supplies import Supply
from core.suppressions import ReturnedMail
from core.timeline import Actor
from core.withdrawals import Status as WithdrawalStatus
from core.withdrawals import Waiting, Withdrawal, WithdrawalId
from core.withdrawals_facts import BeneficiaryId, Why
from onehour.testing.samples.bookings import DEV, GITA
from onehour.testing.samples.calls import a_call
from onehour.testing.samples.sample import DOLLARS, NOW
from onehour.testing.scheduling import RecordedWakeUps
from ports.documents import DocumentType
from services.billing import BILLING_DETAILS
from services.bootstrap import CAPABILITIES
from services.calls.storage import CALLS
from services.chargebacks import CHARGEBACKS
from services.disputes import BUNDLE_CHECKS, DISPUTES
from services.extensions.documents import PLUGIN_STATES
from services.files.documents import FILES, USAGE
from services.files.sweeping import POSITIONS, SweepPosition
from services.notifications.documents import RETURNED
from services.pads.documents import CHANGES, PADS, STATES
from services.payments import (
    BALANCES,
    CLEARINGS,
    ISSUED_DOCUMENTS,
    MONEY_DAYS,
    NUMBER_SERIES,
)
from services.settlements import SETTLED_LINES, SETTLEMENT_READINGS, SETTLEMENTS
from services.shared.capabilities import documents_of
from services.withdrawals import PAYOUT_ACCOUNTS, WITHDRAWALS
from tests.contracts.golden_documents import canonical
from tests.servers import start_mongo, stop

FOLDER = Path(__file__).with_name("golden_declared")
HOUR = timedelta(hours=1)
COMPANY = TaxParty("Gita GmbH", "Hauptstr. 1\n10115 Berlin", "96", "Germany", "29AAACK4821M1ZA")
SUPPLY = Supply(
    COMPANY,
    COMPANY,
    service_code="998314",
    place="29",
    percent=18,
    amount=Money(1180),
    cgst=Money(90),
    sgst=Money(91),
    igst=Money(1),
)
FILE = StoredFile(
    id=FileId("fil_1"),
    owner="acc_gita",
    purpose=Purpose.EVIDENCE,
    name="plans.zip",
    size=5_000_000_000,
    sha256="0" * 64,
    declared_type="application/zip",
    created_at=NOW,
    state=State.FINAL,
    upload_id="up-1",
    attempt="0123456789",
    contents=Contents(
        media_type="application/zip",
        kind=Kind.ARCHIVE,
        width=640,
        height=360,
        pages=3,
        previews=(Preview(PreviewName.SMALL, "image/webp", 320, 180),),
        entries=(ArchiveEntry("src", 0, EntryKind.FOLDER), ArchiveEntry("a.txt", 5_000_000_000)),
        entry_count=2,
        unpacked_size=5_000_000_000,
        truncated=True,
    ),
    reason="A reason.",
    attached_to="bkg_1",
    attached_at=NOW + HOUR,
    message="m-1",
)
DISPUTE = Dispute(
    id=DisputeId("dsp_1"),
    booking_id="bkg_1",
    booking_number="OH-9R4D-K2WM",
    job_id="job_1",
    client=GITA,
    developer=DEV,
    held=DOLLARS,
    opened_by=Actor.CLIENT,
    reason=Reason.NOT_AS_AGREED,
    statements=(
        Statement(Actor.CLIENT, NOW, "Wrong.", Wish(WishKind.PART, DOLLARS), ("fil_1",)),
        Statement(Actor.DEVELOPER, NOW + HOUR, "Right.", Wish(WishKind.CHANGES)),
    ),
    opened_at=NOW,
    answer_by=NOW + 2 * HOUR,
    ends_at=NOW + 9 * HOUR,
    status=Status.SETTLED,
    evidence_until=NOW + 3 * HOUR,
    evidence=(Evidence(Actor.DEVELOPER, NOW + HOUR, "The log.", ("fil_2", "fil_3")),),
    offers=(
        Offer(OfferId("ofr_1"), Actor.CLIENT, NOW, DOLLARS, "A part.", OfferState.REPLACED),
        Offer(OfferId("ofr_2"), Actor.DEVELOPER, NOW + HOUR, DOLLARS),
    ),
    settlement=Settlement(DOLLARS, How.DECIDED, Actor.ADMIN, NOW + 4 * HOUR, "So it is."),
    readings=(NOW + 2 * HOUR,),
    closed_at=NOW + 4 * HOUR,
)
CHANGE = bytes([1, 1, 7, 0, 4, 1, 3]) + b"pad" + bytes([2]) + b"Hi" + bytes([0])
"""An update of Yjs: the client 7 has written "Hi"."""
PAD = Pad(BookingId("bkg_1"), NOW, seq=2, text="Hi\n", language="python")


@dataclass(frozen=True, slots=True)
class Declared:
    kind: DocumentType[Any]
    entity: Any


DESTINATION = Destination(BankOrUpi.BANK, "Ananya Iyer", "4821", "HDFC0000240")
PAYOUT_ACCOUNT = PayoutAccount(
    id=PayoutAccountId("dev_1"),
    developer_id="dev_1",
    account_id="acc_1",
    destination=DESTINATION,
    provider="memory",
    beneficiary=BeneficiaryId("ben1"),
    added_at=NOW,
    usable_from=NOW + HOUR,
    number="50100482174821",
    known_as="ben0",
    state=AccountState.USABLE,
    bank_says="A IYER",
    match=NameMatch.CLOSE,
    refused="other_name",
    trusted=True,
)
WITHDRAWAL = Withdrawal(
    id=WithdrawalId("wd_1"),
    developer_id="dev_1",
    account_id="acc_1",
    amount=DOLLARS,
    destination=DESTINATION,
    provider="memory",
    beneficiary=BeneficiaryId("ben0"),
    requested_at=NOW,
    day="2026-11-30",
    status=WithdrawalStatus.REVERSED,
    waiting=Waiting.BANK,
    note="Which bank?",
    changed_at=NOW + HOUR,
    sent_at=NOW,
    transfer="tr1",
    reference="UTR1",
    code="RETURNED_FROM_BENEFICIARY",
    why=Why.NAME,
    next_at=NOW + HOUR,
    attempt=2,
)
SAMPLES = (
    Declared(PAYOUT_ACCOUNTS, PAYOUT_ACCOUNT),
    Declared(WITHDRAWALS, WITHDRAWAL),
    Declared(
        BALANCES,
        Balance(
            balance_id(DEV.id, "USD"),
            DEV.id,
            clearing=DOLLARS,
            available=DOLLARS,
            withdrawing=DOLLARS,
            owed=Money(1, "USD"),
        ),
    ),
    Declared(NUMBER_SERIES, NumberSeries(SeriesId("R-2026"), last=1873)),
    Declared(
        SETTLEMENTS,
        ProviderSettlement(
            settlement_id("cashfree", "45345"),
            "cashfree",
            "45345",
            SettlementStatus.PAID,
            "SUCCESS",
            Money(279_646),
            Money(354),
            NOW,
            bank_reference="UTR45345",
            read=True,
            listed=Money(280_000),
        ),
    ),
    Declared(
        SETTLED_LINES,
        SettledLine(
            "cashfree:refund:refund1",
            "cashfree",
            settlement_id("cashfree", "45345"),
            "7001",
            LineKind.REFUND,
            "REFUND",
            Money(20_000),
            Money(-20_000),
            NOW,
            order_id="ord_0001",
            attempt_id="5114910634577",
            refund_id="refund1",
            contradiction="It was 20000 less 0, and is 20001 less 0 now (minor units).",
        ),
    ),
    Declared(SETTLEMENT_READINGS, SettlementReading("cashfree", NOW, NOW + HOUR)),
    Declared(
        MONEY_DAYS,
        MoneyDay(
            "2026-11-30",
            NOW,
            gross=Money(900),
            payments=3,
            fees=Money(90),
            refunds=Money(80),
            paid_out=Money(70),
            held=Money(60),
            clearing=Money(50),
            ready=Money(40),
            withdrawing=Money(30),
            owed=Money(-20),
        ),
    ),
    Declared(
        ISSUED_DOCUMENTS,
        IssuedDocument(
            "pay:memory:1",
            DocumentNumber("R-2026-001873"),
            "bkg_1",
            "acc_gita",
            NOW,
            issuer=COMPANY,
            supply=SUPPLY,
            fee=SUPPLY,
        ),
    ),
    Declared(BILLING_DETAILS, BillingDetails("acc_gita", COMPANY)),
    Declared(CLEARINGS, Clearing("bkg_1", DEV.id, DOLLARS, NOW, NOW + HOUR, cleared=True)),
    Declared(
        CHARGEBACKS,
        Chargeback(
            chargeback_id("cashfree", "433475257"),
            "cashfree",
            "433475257",
            "pay_1",
            "bkg_1",
            "OH-9R4D-K2WM",
            "cl_1",
            DEV.id,
            DOLLARS,
            ChargebackStatus.LOST,
            "Not received",
            NOW,
            NOW + HOUR,
            NOW + 2 * HOUR,
            Reserve(DOLLARS, DOLLARS, DOLLARS, DOLLARS),
            True,
            2,
            DOLLARS,
            NOW + HOUR,
            NOW + 2 * HOUR,
        ),
    ),
    Declared(FILES, FILE),
    Declared(USAGE, FileUsage("acc_gita", 5_000_000_000)),
    Declared(POSITIONS, SweepPosition("records", "a cursor")),
    Declared(DISPUTES, DISPUTE),
    Declared(BUNDLE_CHECKS, BundleCheck("dsp_1", NOW, 24, gone=1, changed=2, left_out=3)),
    Declared(CALLS, a_call()),
    Declared(
        PLUGIN_STATES, PluginState("coupons", (NOW, NOW + HOUR), "It failed.", NOW, "acc_admin")
    ),
    Declared(PADS, PAD),
    Declared(CHANGES, PadChange(PAD.id, 2, CHANGE)),
    Declared(STATES, PadState(PAD.id, 1, CHANGE)),
    Declared(RETURNED, ReturnedMail("gita@example.com", (NOW,), NOW + HOUR)),
)


def store_on(client: Any, name: str) -> MongoStore:
    documents = documents_of(CAPABILITIES)
    return MongoStore(client, name, FixedClock(NOW), RecordedWakeUps(), documents=documents)


def stored(one: Declared) -> dict[str, Any]:
    """The document of a golden file."""
    text = (FOLDER / f"{one.kind.collection}.json").read_text("utf-8")
    found: dict[str, Any] = json_util.loads(text, json_options=json_util.CANONICAL_JSON_OPTIONS)
    return found


async def write_missing(url: str) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url, tz_aware=True)
    store = store_on(client, "golden")
    for one in SAMPLES:
        file = FOLDER / f"{one.kind.collection}.json"
        if file.exists():
            continue
        await store.repositories.documents(one.kind).add(one.entity)
        written = await client["golden"][one.kind.collection].find_one()
        assert written
        readable = json.dumps(json.loads(canonical(written)), indent=2, ensure_ascii=False)
        file.write_text(readable + "\n", "utf-8")
    client.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        process, mongo_url = start_mongo(Path(folder))
        asyncio.run(write_missing(mongo_url))
        stop(process)
