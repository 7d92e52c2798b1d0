"""Addresses of webhooks: one that fails too often in a row is disabled."""

from __future__ import annotations

from adapters.cashfree.simulator.database import Transaction


def count(transaction: Transaction, url: str, *, delivered: bool) -> None:
    """Count a delivery that failed, or forget those before one that did not."""
    most = transaction.settings.disable_after
    if most is None:
        return
    if delivered:
        transaction.run("UPDATE endpoints SET failures = 0 WHERE url = ?", url)
        return
    transaction.run(
        "INSERT INTO endpoints (url, failures) VALUES (?, 1)"
        " ON CONFLICT (url) DO UPDATE SET failures = failures + 1",
        url,
    )
    transaction.run("UPDATE endpoints SET disabled = 1 WHERE url = ? AND failures > ?", url, most)


def drop_disabled(transaction: Transaction) -> None:
    """What is for a disabled address is never sent, also not when it is enabled again."""
    if transaction.settings.disable_after is None:
        return
    transaction.run(
        "UPDATE webhooks SET due = NULL, last_status = coalesce(last_status, 0)"
        " WHERE due IS NOT NULL AND url IN (SELECT url FROM endpoints WHERE disabled)"
    )


def enable(transaction: Transaction) -> int:
    """Enable every address again; returns how many were disabled."""
    found = transaction.all("SELECT url FROM endpoints WHERE disabled")
    transaction.run("UPDATE endpoints SET disabled = 0, failures = 0")
    return len(found)
