"""Settlements: what the provider owes is paid to the bank of the merchant, less its fees."""

from __future__ import annotations

from sqlite3 import Row

import orjson

from adapters.cashfree.simulator.database import Transaction
from adapters.cashfree.simulator.errors import ApiError, invalid
from adapters.cashfree.simulator.values import Json, ist, milliseconds, part

STATES = ("SUCCESS", "PENDING", "PENDING_WITH_BANK", "FAILED", "REVERSED", "SOMETHING_NEW")
"""The last one is none of Cashfree: a state that adapters do not know."""
FEE_HUNDREDTHS = 195
"""Of a percent of a payment: the list price of domestic payments."""
TAX_PERCENT = 18
CHARGE = 300
"""Paise for the settlement itself, without tax."""
LIMIT_AT_MOST = 1000


def owe(transaction: Transaction, kind: str, key: str) -> None:
    """A payment, a refund or a dispute is for the next settlement. `key` is its id here."""
    transaction.run("INSERT OR IGNORE INTO unsettled VALUES (?, ?, ?)", kind, key, transaction.now)


def settle_due(transaction: Transaction) -> None:
    """Settle everything, once the oldest has waited for its time."""
    delay = transaction.settings.settlement_delay_s
    due = transaction.now - (transaction.after(delay) - transaction.now)
    if transaction.one("SELECT 1 FROM unsettled WHERE at <= ? LIMIT 1", due):
        settle(transaction, "SUCCESS")


def settle(
    transaction: Transaction, state: str, *, fee_hundredths: int = FEE_HUNDREDTHS
) -> tuple[int, list[int]]:
    """Make a settlement of all that is owed; returns its id and the ids of the webhooks."""
    _check_state(state)
    lines = [
        line
        for row in transaction.all("SELECT * FROM unsettled ORDER BY at, kind, key")
        if (line := _line(transaction, row["kind"], row["key"], fee_hundredths))
    ]
    transaction.run("DELETE FROM unsettled")
    settlement_id = transaction.run(
        "INSERT INTO settlements (state, created, changed, charge, tax) VALUES (?, ?, ?, ?, ?)",
        *(state, transaction.now, transaction.now, CHARGE, CHARGE * TAX_PERCENT // 100),
    )
    for line in lines:
        add_line(transaction, settlement_id, line)
    return settlement_id, _webhooks(transaction, settlement_id)


def add_line(transaction: Transaction, settlement_id: int, line: dict[str, object]) -> None:
    """A line of any content: `amount` and `net` in paise."""
    names = ("kind", "order_id", "cf_payment_id", "refund_id", "amount", "paid", "net", "note")
    transaction.run(
        "INSERT INTO settled (settlement_id, at, kind, order_id, cf_payment_id, refund_id, amount,"
        " paid, net, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(settlement_id, transaction.now, *(line.get(name) for name in names)),
    )


def change(transaction: Transaction, settlement_id: int, state: str) -> list[int]:
    """Give a settlement a state. What a failed one had is owed again. Returns the ids of the
    webhooks. Raises `ApiError` 404."""
    _check_state(state)
    _get(transaction, settlement_id)
    transaction.run(
        "UPDATE settlements SET state = ?, changed = ? WHERE settlement_id = ?",
        *(state, transaction.now, settlement_id),
    )
    if state in ("FAILED", "REVERSED"):
        for row in _lines(transaction, settlement_id):
            key = row["cf_payment_id"] if row["kind"] == "PAYMENT" else row["note"]
            if row["kind"] in ("PAYMENT", "REFUND"):
                owe(transaction, row["kind"], key)
    return _webhooks(transaction, settlement_id)


def list_all(transaction: Transaction, body: Json) -> dict[str, object]:
    """POST /settlements. Raises `ApiError`."""
    ids, filters = _ids(body), part(body, "filters")
    if ids is None:
        since = milliseconds(filters.get("start_date"), "filters.start_date")
        until = milliseconds(filters.get("end_date"), "filters.end_date")
        query = "SELECT * FROM settlements WHERE created BETWEEN ? AND ? ORDER BY settlement_id"
        rows = transaction.all(query, since, until + 999)
    else:
        rows = [row for each in ids if (row := _find(transaction, each))]
    return _page(body, [_entity(transaction, row) for row in rows])


def recon(transaction: Transaction, body: Json) -> dict[str, object]:
    """POST /settlement/recon, by the ids of settlements. Raises `ApiError`."""
    ids = _ids(body)
    if ids is None:
        raise invalid("filters", "filters should have cf_settlement_ids")
    found = [
        _line_entity(row, settlement)
        for each in ids
        if (settlement := _find(transaction, each))
        for row in _lines(transaction, settlement["settlement_id"])
    ]
    return _page(body, found)


def _line(
    transaction: Transaction, kind: str, key: str, fee_hundredths: int
) -> dict[str, object] | None:
    """What one payment, refund or dispute adds; None for what was never the merchant's money."""
    if kind == "PAYMENT":
        row = transaction.one("SELECT * FROM attempts WHERE cf_payment_id = ?", key)
        if row is None:
            return None
        amount = row["amount"] - row["surcharge"]
        fee = 0 if row["surcharge"] else amount * fee_hundredths // 10_000
        net = amount - fee - fee * TAX_PERCENT // 100
        paid, refund_id, note = row["amount"], None, None
    elif kind == "REFUND":
        row = transaction.one(
            "SELECT r.*, a.surcharge FROM refunds r JOIN attempts a USING (cf_payment_id)"
            " WHERE cf_refund_id = ? AND a.status = 'SUCCESS'",
            key,
        )
        if row is None:
            return None
        paid, refund_id, note = row["amount"], row["refund_id"], key
        # An automatic one gives the surcharge back, too, which was never the merchant's.
        amount = paid if refund_id else paid - row["surcharge"]
        net = -amount
    else:
        row = transaction.one("SELECT * FROM disputes WHERE dispute_id = ?", key)
        if row is None:
            return None
        amount = paid = row["amount"]
        net, refund_id, note = -amount, None, key
    return {
        "kind": kind, "order_id": row["order_id"], "cf_payment_id": row["cf_payment_id"],
        "refund_id": refund_id, "amount": amount, "paid": paid, "net": net, "note": note,
    }  # fmt: skip


def _entity(transaction: Transaction, row: Row) -> dict[str, object]:
    """The API's object for a settlement."""
    lines = _lines(transaction, row["settlement_id"])
    payments = [line for line in lines if line["kind"] == "PAYMENT"]
    net, gross = sum(line["net"] for line in lines), sum(line["amount"] for line in payments)
    kept = gross - sum(line["net"] for line in payments)
    tax = kept * TAX_PERCENT // (100 + TAX_PERCENT)
    over = row["state"] == "SUCCESS"
    return {
        "cf_settlement_id": str(row["settlement_id"]),
        "entity": "settlement",
        "status": row["state"],
        "status_description": f"Simulated settlement is {row['state']}",
        "settlement_type": "NORMAL_SETTLEMENT",
        "settlement_currency": "INR",
        "payment_amount": _signed(gross),
        "service_charge": _signed(kept - tax),
        "service_tax": _signed(tax),
        "adjustment": _signed(net - (gross - kept)),
        "settlement_charge": _signed(row["charge"]),
        "settlement_tax": _signed(row["tax"]),
        "amount_settled": _signed(net - row["charge"] - row["tax"]),
        "settlement_utr": f"UTR{row['settlement_id']:09}" if over else None,
        "settlement_initiated_on": ist(row["created"]),
        "settlement_processed_on": ist(row["changed"]) if over else None,
    }


def _line_entity(row: Row, settlement: Row) -> dict[str, object]:
    """The API's object for a line."""
    adjustment = row["kind"] == "OTHER_ADJUSTMENT"
    return {
        "event_details": {
            "event_id": str(row["line"]),
            "event_type": row["kind"],
            "event_status": "SUCCESS",
            "event_amount": _signed(row["paid"]),
            "event_settlement_amount": _signed(abs(row["net"])),
            "event_currency": "INR",
            "event_time": ist(row["at"]),
            "sale_type": "CREDIT" if row["net"] >= 0 else "DEBIT",
            "adjustment_remarks": row["note"] if adjustment else None,
        },
        "order_details": {"order_id": row["order_id"], "order_amount": _signed(row["amount"])},
        "payment_details": {"cf_payment_id": row["cf_payment_id"]},
        "refund_details": {"refund_id": row["refund_id"]},
        "settlement_details": {"cf_settlement_id": str(settlement["settlement_id"])},
    }


def _webhooks(transaction: Transaction, settlement_id: int) -> list[int]:
    """Enqueue SETTLEMENT_INITIATED, _SUCCESS, _FAILED or _REVERSED."""
    row, url = _get(transaction, settlement_id), transaction.settings.notify_url
    if not url:
        return []
    known = _entity(transaction, row)
    names = ("status", "settlement_type", "payment_amount", "service_charge", "service_tax",
             "adjustment", "settlement_charge", "settlement_tax", "amount_settled")  # fmt: skip
    data = {
        "settlement_id": settlement_id,
        "utr": known["settlement_utr"],
        "settlement_initiated_on": known["settlement_initiated_on"],
        "settled_on": known["settlement_processed_on"],
        **{name: known[name] for name in names},
    }
    state = row["state"] if row["state"] in ("SUCCESS", "FAILED", "REVERSED") else "INITIATED"
    body = orjson.dumps(
        {"data": {"settlement": data}, "event_time": ist(transaction.now),
         "type": f"SETTLEMENT_{state}"}
    )  # fmt: skip
    insert = "INSERT INTO webhooks (url, body, due) VALUES (?, ?, ?)"
    return [transaction.run(insert, url, body, transaction.now)]


def _page(body: Json, entities: list[dict[str, object]]) -> dict[str, object]:
    """One page. The cursor is the number of the entities before."""
    wanted = part(body, "pagination")
    limit, cursor = wanted.get("limit", 10), wanted.get("cursor")
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= LIMIT_AT_MOST:
        raise invalid("pagination.limit", f"pagination.limit should be 1 to {LIMIT_AT_MOST}")
    if cursor is not None and not (isinstance(cursor, str) and cursor.isdigit()):
        raise invalid("pagination.cursor", "pagination.cursor should be that of an answer")
    first = int(cursor or 0)
    last = first + limit
    return {
        "cursor": str(last) if last < len(entities) else None,
        "limit": limit,
        "data": entities[first:last],
    }


def _ids(body: Json) -> list[int] | None:
    ids = part(body, "filters").get("cf_settlement_ids")
    if ids is None:
        return None
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise invalid("filters.cf_settlement_ids", "cf_settlement_ids should be a list of texts")
    return [int(each) for each in ids if each.isascii() and each.isdigit() and len(each) < 18]


def _lines(transaction: Transaction, settlement_id: int) -> list[Row]:
    query = "SELECT * FROM settled WHERE settlement_id = ? ORDER BY line"
    return transaction.all(query, settlement_id)


def _find(transaction: Transaction, settlement_id: int) -> Row | None:
    query = "SELECT * FROM settlements WHERE settlement_id = ?"
    return transaction.one(query, settlement_id)


def _get(transaction: Transaction, settlement_id: int) -> Row:
    row = _find(transaction, settlement_id)
    if row is None:
        raise ApiError(404, "settlement_get_not_found", "there is no such settlement")
    return row


def _check_state(state: str) -> None:
    if state not in STATES:
        raise invalid("status", f"status should be one of {', '.join(STATES)}")


def _signed(paise: int) -> orjson.Fragment:
    """As `rupees` of values.py, also below zero."""
    sign = "-" if paise < 0 else ""
    return orjson.Fragment(f"{sign}{abs(paise) // 100}.{abs(paise) % 100:02d}")
