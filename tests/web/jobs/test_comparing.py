"""What changed between two deliveries."""

from __future__ import annotations

from datetime import UTC, datetime

from core.deliveries import DeliveredFile, Delivery, DeliveryId
from web.jobs.comparing import Comparison

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def a_delivery(number: int, **hashes: str) -> Delivery:
    files = tuple(
        DeliveredFile(f"fil_{number}{name}", name, 10, sha256) for name, sha256 in hashes.items()
    )
    return Delivery(DeliveryId(f"dlv_{number}"), "job_1", "bkg_1", number, "Done.", NOW, files)


def test_files_are_compared_by_name_and_hash() -> None:
    first = a_delivery(1, kept="a", changed="b", removed="c")
    second = a_delivery(2, kept="a", changed="x", added="y")

    comparison = Comparison.of(first, second)

    assert [(each.name, each.kind) for each in comparison.changes] == [
        ("changed", "changed"),
        ("added", "new"),
        ("removed", "removed"),
        ("kept", "same"),
    ]
    assert comparison.choose("added") == comparison.changes[1]
    assert comparison.choose("unknown") == comparison.changes[0]
    assert comparison.changes[0].file_ids == ("fil_1changed", "fil_2changed")


def test_of_two_files_with_one_name_the_first_is_compared() -> None:
    twice = (DeliveredFile("fil_a", "same.sql", 1, "a"), DeliveredFile("fil_b", "same.sql", 1, "b"))
    first = Delivery(DeliveryId("dlv_1"), "job_1", "bkg_1", 1, "Done.", NOW, twice)

    comparison = Comparison.of(first, a_delivery(2))

    assert [each.kind for each in comparison.changes] == ["removed", "removed"]


def test_without_files_there_is_nothing_to_choose() -> None:
    comparison = Comparison.of(a_delivery(1), a_delivery(2))

    assert comparison.changes == ()
    assert comparison.choose("") is None
