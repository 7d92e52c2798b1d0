"""The bundle of a case: both sides get the same, and every change of it is found."""

from __future__ import annotations

import io
import json
import random
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.case_manifests import CHECKSUMS, MANIFEST, BundleBroken, parse_manifest, seal_key
from core.dispute_parts import OfferId
from core.errors import NotFound
from core.messages import Draft
from core.money import Money
from onehour.disputes import Verified, verify
from tests.app import CALLER, MemoryApp
from tests.services.test_disputes import Case, a_case

Members = list[tuple[str, bytes]]


async def a_bundle(app: MemoryApp) -> tuple[Case, bytes]:
    """A case with messages, evidence and offers, settled by the two."""
    case = await a_case(app)
    chat = await app.services.chats.open_for_booking(case.booking.id, by=case.meera.id)
    for number, by in enumerate((case.meera.id, case.lucia_id)):
        await app.services.messages.send(
            chat.id, by=by, body=f"Message {number} ≥ ₹0", client_id=f"m{number}"
        )
    await app.services.disputes.add_evidence(case.dispute.id, by=case.lucia_id, text="See: a.")
    await app.services.offers.offer(case.dispute.id, by=case.lucia_id, refund=Money(177_600))
    await app.services.offers.accept(case.dispute.id, OfferId("ofr_1"), by=case.meera.id)
    await app.run()
    return case, await downloaded(case, case.meera.id)


async def downloaded(case: Case, by: str) -> bytes:
    bundle = await case.app.services.bundles.for_party(case.dispute.id, by=by)
    return b"".join([part async for part in bundle.parts])


def members_of(bundle: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(bundle)) as read:
        return [(each.filename, read.read(each)) for each in read.infolist()]


def packed(members: Members) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return out.getvalue()


def checked(tmp_path: Path, bundle: bytes) -> Verified:
    file = tmp_path / "case.zip"
    file.write_bytes(bundle)
    return verify(file)


async def test_both_sides_get_the_same_bundle_with_everything_in_it(
    app: MemoryApp, tmp_path: Path
) -> None:
    case, bundle = await a_bundle(app)

    assert await downloaded(case, case.lucia_id) == bundle
    checked(tmp_path, bundle)
    content = dict(members_of(bundle))
    assert list(content) == [
        "README.txt", "case.json", "booking.json", "attendance.json", "pad.json", "timeline.json",
        "deliveries.json", "statements.json", "evidence.json", "offers.json", "refunds.json",
        "ledger.json", "messages-0001.json", MANIFEST, CHECKSUMS,
    ]  # fmt: skip
    messages = json.loads(content["messages-0001.json"])
    assert [(each["by"], each["text"]) for each in messages] == [
        ("client", "Message 0 ≥ ₹0"),
        ("developer", "Message 1 ≥ ₹0"),
    ]
    kinds = [each["kind"] for each in json.loads(content["ledger.json"])]
    assert sorted(kinds) == ["pay", "refund", "release"]
    manifest = parse_manifest(content[MANIFEST].decode())
    assert manifest.is_sealed_with(seal_key(b"a key for tests"))
    assert not manifest.is_sealed_with(seal_key(b"another key"))
    assert case.meera.id.encode() not in b"".join(content.values())


async def test_others_get_no_bundle_and_an_administrator_is_recorded(app: MemoryApp) -> None:
    case = await a_case(app)
    with pytest.raises(NotFound):
        await downloaded(case, case.asha.id)

    await app.services.bundles.for_administrator(case.dispute.id, by=case.asha, caller=CALLER)
    await app.run()

    chain = app.store.repositories.audit.table.all()  # type: ignore[attr-defined]
    readers = [e.account_id for e in chain if e.what == "admin_read"]
    assert sorted(readers) == sorted([case.meera.id, case.lucia_id])


async def test_sha256sum_agrees(app: MemoryApp, tmp_path: Path) -> None:
    program = shutil.which("sha256sum")
    assert program, "coreutils are needed"
    _, bundle = await a_bundle(app)
    with zipfile.ZipFile(io.BytesIO(bundle)) as read:
        read.extractall(tmp_path)

    def answer() -> int:
        return subprocess.run(
            [program, "--check", "--strict", CHECKSUMS], cwd=tmp_path, check=False,
            capture_output=True,
        ).returncode  # fmt: skip

    assert answer() == 0
    (tmp_path / "offers.json").write_text("[]\n", encoding="utf-8")
    assert answer() == 1


def _changed(members: Members) -> Members:
    return [(n, c.replace(b"177600", b"477600") if n == "case.json" else c) for n, c in members]


def _manifest(members: Members, change: Callable[[str], str]) -> Members:
    return [(n, change(c.decode()).encode() if n == MANIFEST else c) for n, c in members]


TAMPERED: dict[str, Callable[[Members], Members]] = {
    "a file is changed": _changed,
    "a file is removed": lambda m: [each for each in m if each[0] != "evidence.json"],
    "a file is added": lambda m: [*m[:3], ("more.json", b"{}"), *m[3:]],
    "a file is added at the end": lambda m: [*m, ("more.json", b"{}")],
    "two files change places": lambda m: [m[1], m[0], *m[2:]],
    "a file is renamed": lambda m: [
        ("Case.json", m[1][1]) if e[0] == "case.json" else e for e in m
    ],
    "the manifest is removed": lambda m: [each for each in m if each[0] != MANIFEST],
    "the checksums are removed": lambda m: m[:-1],
    "the checksums are changed": lambda m: [*m[:-1], (CHECKSUMS, m[-1][1] + b"\n")],
    "an entry of the manifest is removed": lambda m: _manifest(
        m, lambda text: "\n".join(text.split("\n")[:4] + text.split("\n")[5:])
    ),
    "the end of the manifest is cut off": lambda m: _manifest(
        m, lambda text: "\n".join([*text.split("\n")[:-3], ""])
    ),
    "the name of the case is changed": lambda m: _manifest(
        m, lambda text: text.replace("case dsp_", "case dsq_", 1)
    ),
    "a file and its line of the manifest are removed": lambda m: [
        each
        for each in _manifest(
            m,
            lambda text: "\n".join(
                line for line in text.split("\n") if " evidence.json " not in line
            ),
        )
        if each[0] != "evidence.json"
    ],
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_every_change_is_found(app: MemoryApp, tmp_path: Path, what: str) -> None:
    _, bundle = await a_bundle(app)
    before = members_of(bundle)
    checked(tmp_path, packed(before))  # packing alone changes nothing
    changed = TAMPERED[what](before)
    assert changed != before
    with pytest.raises(BundleBroken):
        checked(tmp_path, packed(changed))


async def test_a_cut_or_flipped_byte_is_found_or_changes_no_content(
    app: MemoryApp, tmp_path: Path
) -> None:
    _, bundle = await a_bundle(app)
    before, rng = members_of(bundle), random.Random(20_261_129)
    for _ in range(400):
        at = rng.randrange(len(bundle))
        cut = bundle[:at]
        with pytest.raises(BundleBroken):
            checked(tmp_path, cut)
        flipped = bytearray(bundle)
        flipped[at] ^= 1 << rng.randrange(8)
        try:
            checked(tmp_path, bytes(flipped))
        except BundleBroken:
            continue
        assert members_of(bytes(flipped)) == before


async def test_many_messages_are_sent_in_parts(app: MemoryApp, tmp_path: Path) -> None:
    case = await a_case(app)
    chat = await app.services.chats.open_for_booking(case.booking.id, by=case.meera.id)
    for number in range(1_001):
        await app.store.repositories.messages.append(
            [_draft(chat.id, case.meera.id, number, app)], newest={}
        )
    bundle = await app.services.bundles.for_party(case.dispute.id, by=case.meera.id)
    sizes, whole = [], b""
    async for part in bundle.parts:
        sizes.append(len(part))
        whole += part
    checked(tmp_path, whole)
    names = [name for name, _ in members_of(whole) if name.startswith("messages-")]
    assert names == ["messages-0001.json", "messages-0002.json", "messages-0003.json"]
    assert len(sizes) == 12 + 3 + 1


def _draft(chat: str, sender: str, number: int, app: MemoryApp) -> Draft:
    return Draft(chat, f"d{number}", sender, f"Text {number}", app.clock.now())
