"""The phone number of a client, as people type it."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from tests.app import MemoryApp


@pytest.mark.parametrize(
    "typed",
    [
        "9876501234", "98765 01234", "+91 98765-01234", "(98765) 01234", "９８７６５０１２３４",
        "९८७६५ ०१२३४", "٩٨٧٦٥٠١٢٣٤", "98765.01234", "98765\u00a001234", "＋91 98765 01234",
    ],
)  # fmt: skip
async def test_a_phone_number_is_read_in_any_script(app: MemoryApp, typed: str) -> None:
    client, _ = await app.client()
    changed = await app.services.clients.update(by=client.id, phone=typed)
    assert changed.phone == "9876501234"


@pytest.mark.parametrize("typed", ["987650123", "98765012345", "98765o1234", "+1 9876501234"])
async def test_what_is_no_phone_number_is_refused(app: MemoryApp, typed: str) -> None:
    client, _ = await app.client()
    with pytest.raises(Invalid) as refused:
        await app.services.clients.update(by=client.id, phone=typed)
    assert set(refused.value.fields) == {"phone"}


@pytest.mark.parametrize("typed", [None, "", " ", "\u200b"])
async def test_no_phone_number_removes_it(app: MemoryApp, typed: str | None) -> None:
    client, _ = await app.client()
    await app.services.clients.update(by=client.id, phone="9876501234")
    assert (await app.services.clients.update(by=client.id, phone=typed)).phone is None
