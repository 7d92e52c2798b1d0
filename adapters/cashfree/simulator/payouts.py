"""Payouts: beneficiaries, transfers, and the accounts of Cashfree's sandbox with their outcomes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from sqlite3 import Row

import orjson

from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid, missing, not_found
from adapters.cashfree.simulator.values import Json, matching, new_id, paise, part, rupees, text

BENEFICIARY_ID = re.compile(r"[A-Za-z0-9_|.-]{1,50}")
TRANSFER_ID = re.compile(r"[A-Za-z0-9_]{1,40}")
NAME = re.compile(r"[A-Za-z ]{1,100}")
NUMBER = re.compile(r"[A-Za-z0-9]{4,25}")
IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")
VPA = re.compile(r"[A-Za-z0-9.\-_]+@[A-Za-z0-9]+")
REMARKS = re.compile(r"[A-Za-z0-9 ]{0,70}")
MODES = ("banktransfer", "imps", "neft", "rtgs", "upi")
LEAST_PAISE = 100
NO_ACCOUNT = "999999999999"
"""An account that the simulator refuses to register."""

Outcome = tuple[str, str]
COMPLETED: Outcome = ("SUCCESS", "COMPLETED")
RETURNED: Outcome = ("REVERSED", "RETURNED_FROM_BENEFICIARY")
NO_SUCH_ACCOUNT: Outcome = ("FAILED", "INVALID_ACCOUNT_FAIL")
NO_MONEY: Outcome = ("REJECTED", "INSUFFICIENT_BALANCE")
PLENTY = 10**11
"""The balance of an account that nobody has filled, in paise."""
WAITING: Outcome = ("PENDING", "PENDING")
ACCOUNTS: dict[str, tuple[Outcome, ...]] = {
    **dict.fromkeys(
        ("026291800001191", "00011020001772", "1233943142", "388108022658", "000890289871772",
         "000100289877623", "testsuccess@gocash"),
        (COMPLETED,),
    ),
    **dict.fromkeys(("2640101002729", "1234567890"), (("FAILED", "INVALID_IFSC_FAIL"),)),
    **dict.fromkeys(("026291800001190", "234005000876"), (NO_SUCH_ACCOUNT,)),
    "007711000031": (WAITING,),
    "00224412311300": (WAITING, COMPLETED),
    "7766666351000": (WAITING, ("FAILED", "BENE_BANK_DECLINED")),
    "02014457596969": (COMPLETED, RETURNED),
}  # fmt: skip
"""The states a transfer to an account goes through, one after the other. Any other account
fails."""
EVENTS = {
    ("SUCCESS", "SENT_TO_BENEFICIARY"): "TRANSFER_SUCCESS",
    COMPLETED: "TRANSFER_ACKNOWLEDGED",
    "FAILED": "TRANSFER_FAILED",
    "REJECTED": "TRANSFER_REJECTED",
    "REVERSED": "TRANSFER_REVERSED",
}


def create_beneficiary(transaction: Transaction, body: Json) -> dict[str, object]:
    """POST /beneficiary. Raises `ApiError`: 400 for a bad field, 409 for a used id or account."""
    key = matching(body, "beneficiary_id", BENEFICIARY_ID, "at most 50 letters and digits")
    name = matching(body, "beneficiary_name", NAME, "letters and spaces")
    number, ifsc = _instrument(part(body, "beneficiary_instrument_details"))
    if number == NO_ACCOUNT:
        raise invalid("bank_account_number", "the bank has no such account")
    if _beneficiary(transaction, key):
        raise ApiError(409, "beneficiary_id_already_exists", "beneficiary_id is used already")
    if _by_account(transaction, number, ifsc):
        raise ApiError(409, "beneficiary_already_exists", "the account is registered already")
    transaction.run(
        "INSERT INTO beneficiaries VALUES (?, ?, ?, ?, ?)",
        *(key, name, number, ifsc, transaction.now),
    )
    return get_beneficiary(transaction, key, "", "")


def get_beneficiary(
    transaction: Transaction, key: str, number: str, ifsc: str
) -> dict[str, object]:
    """GET /beneficiary, by id or by bank account. Raises `ApiError` 404."""
    row = _beneficiary(transaction, key) if key else _by_account(transaction, number, ifsc)
    if row is None:
        raise not_found("beneficiary")
    instrument: dict[str, object] = (
        {"bank_account_number": row["number"], "bank_ifsc": row["ifsc"]}
        if row["ifsc"]
        else {"vpa": row["number"]}
    )
    return {
        "beneficiary_id": row["beneficiary_id"],
        "beneficiary_name": row["name"],
        "beneficiary_instrument_details": instrument,
        "beneficiary_contact_details": {},
        "beneficiary_status": "VERIFIED",
        "added_on": _utc(row["added"]),
    }


def create_transfer(transaction: Transaction, body: Json) -> dict[str, object]:
    """POST /transfers. Raises `ApiError`: 400 for a bad field, 404 without such a beneficiary, and
    409 for a used id."""
    key = matching(body, "transfer_id", TRANSFER_ID, "at most 40 letters, digits and _")
    amount = paise(body.get("transfer_amount"), "transfer_amount")
    if amount < LEAST_PAISE:
        raise invalid("transfer_amount", "transfer_amount should be at least 1.00")
    if body.get("transfer_currency", "INR") != "INR":
        raise invalid("transfer_currency", "transfer_currency should be INR")
    if body.get("transfer_mode", MODES[0]) not in MODES:
        raise invalid("transfer_mode", f"transfer_mode should be one of {', '.join(MODES)}")
    if not REMARKS.fullmatch(text(body, "transfer_remarks", 0, 70) or ""):
        raise invalid("transfer_remarks", "transfer_remarks should be letters, digits and spaces")
    payee = part(body, "beneficiary_details").get("beneficiary_id")
    if not isinstance(payee, str):
        raise missing("beneficiary_details.beneficiary_id")
    beneficiary = _beneficiary(transaction, payee)
    if beneficiary is None:
        raise not_found("beneficiary")
    if _transfer(transaction, key):
        raise ApiError(409, "transfer_id_already_exists", "transfer_id is used already")
    has = available(transaction)
    transaction.run(
        "INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(key, new_id(), payee, amount, *WAITING, 0, transaction.now, transaction.now),
        transaction.after(transaction.settings.payout_delay_s),
    )
    if has is not None and has < amount:
        change(transaction, key, NO_MONEY)
    return entity(transaction, _stored(transaction, key))


def available(transaction: Transaction) -> int | None:
    """What is left of what was paid in, in paise; None while nobody has set that."""
    row = transaction.one(
        "SELECT filled, (SELECT coalesce(sum(amount), 0) FROM transfers"
        " WHERE status NOT IN ('FAILED', 'REJECTED', 'MANUALLY_REJECTED', 'REVERSED')) AS gone"
        " FROM payout_account"
    )
    return None if row is None or row["filled"] is None else row["filled"] - row["gone"]


def get_balance(transaction: Transaction) -> dict[str, object]:
    """GET /payout/v1/getBalance: amounts are texts there."""
    has = available(transaction)
    left = PLENTY if has is None else max(0, has)
    words = f"{left // 100}.{left % 100:02d}"
    return {
        "status": "SUCCESS",
        "subCode": "200",
        "message": "Ledger balance for the account",
        "data": {"balance": words, "availableBalance": words},
    }


def fill(transaction: Transaction, amount: int) -> None:
    """The account has this much now, whatever was transferred before."""
    row = transaction.one("SELECT coalesce(sum(amount), 0) AS gone FROM transfers"
                          " WHERE status NOT IN"
                          " ('FAILED', 'REJECTED', 'MANUALLY_REJECTED', 'REVERSED')")  # fmt: skip
    gone = row["gone"] if row else 0
    transaction.run("UPDATE payout_account SET filled = ?", amount + gone)


def get_transfer(transaction: Transaction, key: str, cf_key: str) -> dict[str, object]:
    """GET /transfers, by either id. Raises `ApiError` 404."""
    row = _transfer(transaction, key) if key else _by_cf_id(transaction, cf_key)
    if row is None:
        raise not_found("transfer_id" if key else "cf_transfer_id")
    return entity(transaction, row)


def settle_due(transaction: Transaction) -> None:
    """The next state of each transfer whose bank has an answer."""
    due = transaction.all("SELECT * FROM transfers WHERE settles <= ?", transaction.now)
    for row in due:
        beneficiary = _beneficiary(transaction, row["beneficiary_id"])
        number = beneficiary["number"] if beneficiary else ""
        states = ACCOUNTS.get(number, (NO_SUCH_ACCOUNT,))
        step = row["step"]
        more = step + 1 < len(states)
        settles = transaction.after(transaction.settings.payout_delay_s) if more else None
        change(transaction, row["transfer_id"], states[step], step=step + 1, settles=settles)


def change(
    transaction: Transaction,
    key: str,
    outcome: Outcome,
    *,
    step: int = 99,
    settles: int | None = None,
) -> list[int]:
    """Give a transfer a state, and enqueue its webhook; returns the ids of the webhooks. Raises
    `ApiError` 404."""
    _stored(transaction, key)
    transaction.run(
        "UPDATE transfers SET status = ?, code = ?, step = ?, updated = ?, settles = ?"
        " WHERE transfer_id = ?",
        *(*outcome, step, transaction.now, settles, key),
    )
    return _webhook(transaction, _stored(transaction, key))


def entity(transaction: Transaction, row: Row) -> dict[str, object]:
    """The API's object for a transfer. Its mode is not the one that was asked for."""
    payee = get_beneficiary(transaction, row["beneficiary_id"], "", "")
    ended = row["status"] in ("SUCCESS", "FAILED", "REVERSED")
    return {
        "transfer_id": row["transfer_id"],
        "cf_transfer_id": row["cf_transfer_id"],
        "status": row["status"],
        "status_code": row["code"],
        "status_description": f"Simulated transfer is {row['status']}",
        "beneficiary_details": {
            "beneficiary_id": row["beneficiary_id"],
            "beneficiary_instrument_details": payee["beneficiary_instrument_details"],
        },
        "transfer_amount": rupees(row["amount"]),
        "transfer_service_charge": rupees(0),
        "transfer_service_tax": rupees(0),
        "transfer_mode": "BANK",
        "transfer_utr": row["cf_transfer_id"] if ended else None,
        "fundsource_id": "CASHFREE_1",
        "added_on": _utc(row["created"]),
        "updated_on": _utc(row["updated"]),
    }


def _webhook(transaction: Transaction, row: Row) -> list[int]:
    event = EVENTS.get((row["status"], row["code"])) or EVENTS.get(row["status"])
    url = transaction.settings.notify_url
    if event is None or not url:
        return []
    at = datetime.fromtimestamp(transaction.now // 1000, UTC).replace(tzinfo=None)
    data = entity(transaction, row)
    body = orjson.dumps({"data": data, "event_time": at.isoformat(), "type": event})
    insert = "INSERT INTO webhooks (url, body, due) VALUES (?, ?, ?)"
    return [transaction.run(insert, url, body, transaction.now)]


def _instrument(details: Json) -> tuple[str, str]:
    """Number and IFSC, or a UPI address and an empty text. Raises `ApiError`."""
    if details.get("vpa") is not None:
        return matching(details, "vpa", VPA, "a UPI address").lower(), ""
    if not details:
        raise ApiError(400, "beneficiary_identifiers_missing", "an account or a vpa is required")
    number = matching(details, "bank_account_number", NUMBER, "4 to 25 letters and digits")
    return number, matching(details, "bank_ifsc", IFSC, "an IFSC")


def _beneficiary(transaction: Transaction, key: str) -> Row | None:
    return transaction.one("SELECT * FROM beneficiaries WHERE beneficiary_id = ?", key)


def _by_account(transaction: Transaction, number: str, ifsc: str) -> Row | None:
    query = "SELECT * FROM beneficiaries WHERE number = ? AND ifsc = ?"
    return transaction.one(query, number, ifsc)


def _transfer(transaction: Transaction, key: str) -> Row | None:
    return transaction.one("SELECT * FROM transfers WHERE transfer_id = ?", key)


def _by_cf_id(transaction: Transaction, key: str) -> Row | None:
    return transaction.one("SELECT * FROM transfers WHERE cf_transfer_id = ?", key)


def _stored(transaction: Transaction, key: str) -> Row:
    row = _transfer(transaction, key)
    if row is None:
        raise not_found("transfer_id")
    return row


def _utc(moment: int) -> str:
    at = datetime.fromtimestamp(moment // 1000, UTC)
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
