"""The files of a case: added by both sides; in its bundle with their bytes, or with a reason."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from core.accounts import Account
from core.case_files import CHANGED, FILES, GONE, OVER
from core.case_manifests import (
    CHECKSUMS,
    MANIFEST,
    BundleBroken,
    BundleEntry,
    CaseManifest,
    parse_manifest,
)
from core.developers import Developer
from core.dispute_parts import Reason, WishKind
from core.disputes_policy import DisputePolicy
from core.errors import Invalid, NotFound
from core.files import FilesNotReady, Purpose, StoredFile
from core.jobs import Job
from core.policy import MINUTE, Policies
from onehour.disputes import report, verify
from ports.storage import Area, Key, StorageUnavailable
from services.files import FILES as FILE_RECORDS
from tests.app import MemoryApp
from tests.builders.files import TEXT, attach, final, hash_of, uploaded
from tests.services.test_case_bundles import checked, downloaded, members_of, packed
from tests.services.test_disputes import Case

LARGE = bytes(range(256)) * 20_000
REPORT = b"The index is built.\n"


async def evidence(app: MemoryApp, by: str, content: bytes = TEXT, name: str = "log.txt") -> str:
    return (await final(app, by, content, purpose=Purpose.EVIDENCE, name=name)).id


async def delivered_with_files(app: MemoryApp) -> tuple[Account, Developer, Job, StoredFile]:
    """Two delivered files, of which the first is large."""
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    large = await final(app, lucia.account_id, LARGE, name="../dump.bin")
    report = await final(app, lucia.account_id, REPORT, name="report.txt")
    job = await app.services.jobs.deliver(
        (await app.job(booking)).id, by=lucia.account_id, note="Done.", files=[large.id, report.id]
    )
    await app.run()
    return meera, lucia, job, large


async def a_case_with_files(app: MemoryApp) -> tuple[Case, StoredFile]:
    """A case with a file of each statement and of evidence, and two that were delivered."""
    meera, lucia, job, large = await delivered_with_files(app)
    disputes = app.services.disputes
    dispute = await disputes.open(
        job.id,
        by=meera.id,
        reason=Reason.OTHER,
        wish=WishKind.ALL,
        text="See the log.",
        files=[await evidence(app, meera.id, b"The log of Meera.", "log.txt")],
    )
    await disputes.answer(
        dispute.id,
        by=lucia.account_id,
        wish=WishKind.NOTHING_BACK,
        text="See mine.",
        files=[await evidence(app, lucia.account_id, b"The log of Lucia.", "log.txt")],
    )
    await disputes.add_evidence(
        dispute.id, by=meera.id, text="And this.", files=[await evidence(app, meera.id)]
    )
    await app.run()
    asha, _ = await app.client("Asha M")
    return Case(app, meera, lucia, asha, await app.booking(job.booking_id), dispute), large


async def test_both_sides_see_the_files_that_each_has_added(app: MemoryApp) -> None:
    case, _ = await a_case_with_files(app)

    files = await app.services.disputes.files_of(await case.now())

    assert len(files) == 3
    for file in files.values():
        assert file.attached_to == case.booking.id
        for by in (case.meera.id, case.lucia_id):
            assert (await app.services.files.get(file.id, by=by)).id == file.id
        with pytest.raises(NotFound):
            await app.services.files.get(file.id, by=case.asha.id)


async def test_a_case_with_a_file_that_is_not_ready_or_not_ones_own_is_not_opened(
    app: MemoryApp,
) -> None:
    meera, lucia, job, _ = await delivered_with_files(app)
    foreign = await evidence(app, lucia.account_id)
    unready = await uploaded(app, meera.id, purpose=Purpose.EVIDENCE)

    for file, error in ((unready, FilesNotReady), (foreign, Invalid)):
        with pytest.raises(error):
            await app.services.disputes.open(
                job.id, by=meera.id, reason=Reason.OTHER, wish=WishKind.ALL, text="No.",
                files=[file],
            )  # fmt: skip
    assert await app.services.disputes.of_job(job.id) is None


async def test_the_bundle_has_the_bytes_of_all_files(app: MemoryApp, tmp_path: Path) -> None:
    case, _ = await a_case_with_files(app)

    bundle = await downloaded(case, case.lucia_id)

    assert await downloaded(case, case.meera.id) == bundle
    members = dict(members_of(bundle))
    files = checked(tmp_path, bundle).files
    assert [(file.part, file.name, file.reason) for file in files] == [
        ("statement of the client", "log.txt", ""),
        ("statement of the developer", "log.txt", ""),
        ("evidence 1", "log.txt", ""),
        ("delivery 1", "_dump.bin", ""),
        ("delivery 1", "report.txt", ""),
    ]
    assert [members[file.file] for file in files] == [
        b"The log of Meera.", b"The log of Lucia.", TEXT, LARGE, REPORT,
    ]  # fmt: skip
    assert [file.sha256 for file in files] == [hash_of(members[file.file]) for file in files]


async def test_files_of_the_brief_and_of_the_conversation_come_last(
    app: MemoryApp, tmp_path: Path
) -> None:
    case, _ = await a_case_with_files(app)
    chat = await app.services.chats.open_for_booking(case.booking.id, by=case.meera.id)
    written = await final(app, case.meera.id, b"Of the chat.", purpose=Purpose.CHAT)
    brief = await final(app, case.meera.id, b"Of the brief.", purpose=Purpose.BRIEF)
    await attach(app, case.meera.id, written.id, to=chat.id, purpose=Purpose.CHAT)
    await attach(app, case.meera.id, brief.id, to=case.booking.id, purpose=Purpose.BRIEF)

    bundle = await downloaded(case, case.lucia_id)

    members = dict(members_of(bundle))
    *_, of_brief, of_chat = checked(tmp_path, bundle).files
    assert (of_brief.part, members[of_brief.file]) == ("brief", b"Of the brief.")
    assert (of_chat.part, members[of_chat.file]) == ("conversation", b"Of the chat.")


async def test_a_bundle_is_sent_in_small_parts(app: MemoryApp) -> None:
    case, _ = await a_case_with_files(app)

    bundle = await app.services.bundles.for_party(case.dispute.id, by=case.meera.id)
    sizes = [len(part) async for part in bundle.parts]

    assert sum(sizes) > len(LARGE)
    assert max(sizes) < 300_000
    assert bundle.file_bytes == len(LARGE + REPORT + TEXT) + 2 * len(b"The log of Meera.")


async def test_a_file_that_is_gone_or_changed_is_named_with_its_hash(
    app: MemoryApp, tmp_path: Path
) -> None:
    case, large = await a_case_with_files(app)
    await app.storage.delete(Key(Area.FINAL, large.object_name))
    second = next(k for k, each in app.storage.objects.items() if each.content == REPORT)
    app.storage.objects[second] = replace(app.storage.objects[second], content=b"Another text.")

    bundle = await downloaded(case, case.meera.id)

    found = checked(tmp_path, bundle)
    check = await app.services.bundles.last_check(case.dispute)
    assert check and (check.gone, check.changed, check.left_out, check.whole) == (1, 1, 0, False)
    assert check.entries == len(found.manifest.entries)
    *_, gone, changed = found.files
    assert (gone.file, gone.sha256, gone.reason) == ("", hash_of(LARGE), GONE)
    assert (changed.file, changed.sha256, changed.reason) == (
        "files/0005", hash_of(REPORT), CHANGED,
    )  # fmt: skip
    assert report(found)[2:] == [
        f"Not in it: _dump.bin of delivery 1, SHA-256 {hash_of(LARGE)}. {GONE}",
        f"files/0005: report.txt of delivery 1, SHA-256 {hash_of(REPORT)}. {CHANGED}",
    ]


async def test_a_bundle_that_is_cut_off_because_the_storage_is_away_is_no_bundle(
    app: MemoryApp, tmp_path: Path
) -> None:
    case, _ = await a_case_with_files(app)
    bundle = await app.services.bundles.for_party(case.dispute.id, by=case.meera.id)
    received = b""

    with pytest.raises(StorageUnavailable):
        async for part in bundle.parts:
            received += part
            app.storage.down = b"files/0001" in received

    with pytest.raises(BundleBroken):
        checked(tmp_path, received)
    assert await app.services.bundles.last_check(case.dispute) is None


async def test_each_mail_names_the_files_of_its_own_evidence(app: MemoryApp) -> None:
    """Also if both pieces have the same text, and one of the files is gone by then."""
    case, _ = await a_case_with_files(app)
    disputes = app.services.disputes
    names = ["first.txt", "second.txt", "third.txt"]
    first, *others = [await evidence(app, case.meera.id, name=name) for name in names]
    before = len(app.mailer.sent)

    await disputes.add_evidence(case.dispute.id, by=case.meera.id, text="See.", files=[first])
    app.clock.advance(MINUTE)
    await disputes.add_evidence(case.dispute.id, by=case.meera.id, text="See.", files=others)
    await app.store.repositories.documents(FILE_RECORDS).remove(others[1])
    await app.run()

    told = [mail for mail in app.mailer.sent[before:] if "added evidence" in mail.subject]
    named = [{name for name in names if f"> {name}" in mail.text} for mail in told]
    assert sorted(named, key=sorted) == [{"first.txt"}] * 2 + [{"second.txt"}] * 2


async def test_what_is_over_the_limit_is_named_and_smaller_files_follow(tmp_path: Path) -> None:
    app = MemoryApp(policies=Policies(DisputePolicy(bundle_bytes_maximum=1000)))
    case, _ = await a_case_with_files(app)

    bundle = await downloaded(case, case.meera.id)

    files = checked(tmp_path, bundle).files
    assert [file.reason for file in files] == ["", "", "", OVER, ""]
    check = await app.services.bundles.last_check(case.dispute)
    assert check and (check.gone, check.changed, check.left_out, check.whole) == (0, 0, 1, False)
    assert len(bundle) < len(LARGE)


@pytest.mark.parametrize("change", ["hash", "reason", "left out", "added", "nonsense", "deep"])
async def test_a_list_of_files_that_was_changed_is_found(
    app: MemoryApp, tmp_path: Path, change: str
) -> None:
    """Also if the whole chain was written anew for it."""
    case, _ = await a_case_with_files(app)
    (tmp_path / "case.zip").write_bytes(await downloaded(case, case.meera.id))
    files = [asdict(file) for file in verify(tmp_path / "case.zip").files]
    match change:
        case "hash":
            files[3]["sha256"] = "0" * 64
        case "reason":
            files[3]["reason"] = GONE
        case "left out":
            del files[0]
        case "added":
            files.append({**files[0], "file": "files/0099"})
        case "nonsense":
            files[0]["size"] = "many"
    text = "[" * 100_000 if change == "deep" else json.dumps(files)

    with pytest.raises(BundleBroken):
        checked(tmp_path, resealed(members_of((tmp_path / "case.zip").read_bytes()), text))


def resealed(members: list[tuple[str, bytes]], files: str) -> bytes:
    """The bundle with another list of files, and a chain that fits to it."""
    changed = [(n, files.encode() if n == FILES else c) for n, c in members[:-2]]
    before = parse_manifest(dict(members)[MANIFEST].decode())
    entries = [BundleEntry(name, hash_of(content), len(content)) for name, content in changed]
    manifest = CaseManifest.of(before.case, before.booking, entries, key=b"mine")
    return packed(
        [*changed, (MANIFEST, manifest.text().encode()), (CHECKSUMS, manifest.checksums().encode())]
    )
