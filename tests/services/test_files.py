"""Files from the first byte to the download, on the memory adapters."""

from __future__ import annotations

import random

import pytest

from core.accounts import Account
from core.chats import ChatId
from core.errors import Invalid, NotFound
from core.file_usage import QuotaUsedUp, TooManyUploads
from core.files import FileInUse, FilesNotReady, Kind, Purpose, State, UnusableFiles
from core.files_policy import FilePolicy
from core.policy import HOUR, SECOND, Policies
from ports.storage import MIB, PART_SIZE, Area, PartsMissing, StorageUnavailable
from services.files.documents import FILES
from tests.app import CALLER, MemoryApp
from tests.builders.files import TEXT, attach, begun, final, send, send_to, uploaded

LARGE = random.Random(1).randbytes(2 * PART_SIZE + 1000)


@pytest.fixture
async def meera(app: MemoryApp) -> Account:
    return (await app.client())[0]


async def test_a_small_file_becomes_final(app: MemoryApp, meera: Account) -> None:
    file = await final(app, meera.id, name="notes.txt")

    assert (file.state, file.name, file.size) == (State.FINAL, "notes.txt", len(TEXT))
    assert (file.contents.media_type, file.contents.kind) == ("text/plain", Kind.TEXT)
    assert sorted(key.name for key in app.storage.objects) == sorted(file.object_names)
    assert app.storage.objects[next(iter(app.storage.objects))].content == TEXT


async def test_the_owner_is_told_about_the_check(app: MemoryApp, meera: Account) -> None:
    file = await final(app, meera.id)

    told = (f"account:{meera.id}", "file:updated")
    assert [each.data for each in app.live.published if (each.room, each.event) == told] == [
        {"file": file.id, "state": "final", "reason": ""}
    ]


async def test_a_large_file_goes_on_where_it_was(app: MemoryApp, meera: Account) -> None:
    plan = await begun(app, meera.id, LARGE, name="data.bin")
    assert (plan.put, plan.part_size, list(plan.parts), plan.stored) == (
        None, PART_SIZE, [1, 2, 3], (),
    )  # fmt: skip
    await send_to(app, plan.parts[2].url, LARGE[PART_SIZE : 2 * PART_SIZE])

    with pytest.raises(PartsMissing) as missing:
        await app.services.uploads.complete(plan.file.id, by=meera.id)
    again = await app.services.uploads.plan(plan.file.id, by=meera.id)
    assert (missing.value.numbers, list(again.parts), again.stored) == ((1, 3), [1, 3], (2,))

    await send(app, again, LARGE)
    await app.services.uploads.complete(plan.file.id, by=meera.id)
    await app.run()
    file = await app.services.files.get(plan.file.id, by=meera.id)
    assert file.state is State.FINAL
    assert (await app.services.uploads.plan(plan.file.id, by=meera.id)).parts == {}


async def test_completing_twice_checks_once(app: MemoryApp, meera: Account) -> None:
    file_id = await uploaded(app, meera.id)

    again = await app.services.uploads.complete(file_id, by=meera.id)
    await app.run()
    last = await app.services.uploads.complete(file_id, by=meera.id)

    assert (again.state, last.state) == (State.QUARANTINED, State.FINAL)


async def test_other_bytes_than_announced_are_refused(app: MemoryApp, meera: Account) -> None:
    plan = await begun(app, meera.id, TEXT)
    await send(app, plan, TEXT[::-1])
    await app.services.uploads.complete(plan.file.id, by=meera.id)
    await app.run()

    file = await app.services.files.get(plan.file.id, by=meera.id)
    assert file.state is State.REFUSED
    assert file.reason == "The file did not arrive as it was sent. Upload it again."
    assert app.storage.objects == {}
    await app.services.uploads.discard(plan.file.id, by=meera.id)
    await app.run()
    assert app.storage.objects == {}


async def test_a_link_that_is_used_later_changes_nothing(app: MemoryApp, meera: Account) -> None:
    plan = await begun(app, meera.id)
    await send(app, plan)
    await app.services.uploads.complete(plan.file.id, by=meera.id)
    await app.run()
    file = await app.services.files.get(plan.file.id, by=meera.id)

    await send(app, plan, TEXT[::-1])

    kept = {key: each.content for key, each in app.storage.objects.items()}
    assert [content for key, content in kept.items() if key.name == file.object_name] == [TEXT]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\0b.txt", "a_b.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("C:\\temp\\x.txt", "C__temp_x.txt"),
        ("con.txt", "_con.txt"),
        ("", "file"),
        ("é" * 300 + ".pdf", "é" * 98 + ".pdf"),
        ("\ud800half.txt", "half.txt"),
    ],
)
async def test_a_name_can_do_no_harm(
    app: MemoryApp, meera: Account, name: str, stored: str
) -> None:
    plan = await begun(app, meera.id, name=name)

    assert plan.file.name == stored


@pytest.mark.parametrize(
    "declared",
    [
        "text/html",
        "image/svg+xml",
        "Application/XHTML+XML",
        "text/javascript",
        "nonsense",
        "a/b\r\nX: y",
    ],
)
async def test_no_active_type_is_kept(app: MemoryApp, meera: Account, declared: str) -> None:
    plan = await begun(app, meera.id, media_type=declared)

    assert plan.file.declared_type == "application/octet-stream"


async def test_wrong_input_is_named_field_by_field(app: MemoryApp, meera: Account) -> None:
    with pytest.raises(Invalid) as wrong:
        await app.services.uploads.begin(
            by=meera.id, purpose=Purpose.CHAT, name="x" * 1001, size=0, sha256="", media_type=""
        )

    assert set(wrong.value.fields) == {"name", "size", "sha256"}


async def test_a_file_in_a_chat_is_smaller(app: MemoryApp, meera: Account) -> None:
    async def begin(purpose: Purpose, size: int) -> None:
        await app.services.uploads.begin(
            by=meera.id, purpose=purpose, name="x", size=size, sha256="0" * 64, media_type=""
        )

    await begin(Purpose.CHAT, 10 * MIB)
    await begin(Purpose.DELIVERY, 100 * MIB)
    with pytest.raises(Invalid, match="10"):
        await begin(Purpose.CHAT, 10 * MIB + 1)
    with pytest.raises(Invalid, match="104"):
        await begin(Purpose.DELIVERY, 100 * MIB + 1)


async def test_the_quota_counts_what_is_there() -> None:
    app = MemoryApp(
        policies=Policies(
            FilePolicy(quota_bytes=2 * len(TEXT), file_bytes_maximum=50, chat_file_bytes_maximum=50)
        )
    )
    meera = (await app.client())[0]
    first = await final(app, meera.id)
    plan = await begun(app, meera.id)
    with pytest.raises(QuotaUsedUp):
        await begun(app, meera.id)

    await app.services.uploads.discard(first.id, by=meera.id)
    wrong = await begun(app, meera.id)
    await send(app, wrong, TEXT[::-1])
    await app.services.uploads.complete(wrong.file.id, by=meera.id)
    await app.run()  # refused

    await begun(app, meera.id)
    with pytest.raises(QuotaUsedUp):
        await begun(app, meera.id)
    assert plan.file.state is State.PENDING


async def test_uploads_are_limited_by_the_hour() -> None:
    app = MemoryApp(policies=Policies(FilePolicy(uploads_per_hour=2)))
    meera = (await app.client())[0]
    await begun(app, meera.id)
    await begun(app, meera.id)

    with pytest.raises(TooManyUploads):
        await begun(app, meera.id)


async def test_a_discarded_file_leaves_nothing(app: MemoryApp, meera: Account) -> None:
    done = await final(app, meera.id)
    part = await begun(app, meera.id, LARGE)
    await send_to(app, part.parts[1].url, LARGE[:PART_SIZE])

    await app.services.uploads.discard(done.id, by=meera.id)
    await app.services.uploads.discard(part.file.id, by=meera.id)
    await app.run()

    assert (app.storage.objects, app.storage.uploads) == ({}, {})
    with pytest.raises(NotFound):
        await app.services.files.get(done.id, by=meera.id)


async def test_a_storage_that_is_away_loses_nothing(app: MemoryApp, meera: Account) -> None:
    file_id = await uploaded(app, meera.id)
    app.storage.down = True
    await app.run()
    with pytest.raises(StorageUnavailable):
        await begun(app, meera.id, LARGE)

    app.storage.down = False
    app.clock.advance(60 * SECOND)
    await app.run()

    assert (await app.services.files.get(file_id, by=meera.id)).state is State.FINAL


# Access


async def test_the_other_party_sees_a_file_once_it_is_attached(
    app: MemoryApp, meera: Account
) -> None:
    lucia = await app.developer()
    rohan = (await app.client("Rohan"))[0]
    booking = await app.confirmed(meera, lucia)
    file = await final(app, meera.id, purpose=Purpose.CHAT)
    chat = await app.services.chats.open_for_booking(booking.id, by=meera.id)
    with pytest.raises(NotFound):
        await app.services.files.get(file.id, by=lucia.account_id)

    await attach(app, meera.id, file.id, to=chat.id, purpose=Purpose.CHAT)

    assert (await app.services.files.get(file.id, by=lucia.account_id)).id == file.id
    with pytest.raises(NotFound):
        await app.services.files.get(file.id, by=rohan.id)
    with pytest.raises(FileInUse):
        await app.services.uploads.discard(file.id, by=meera.id)


async def test_only_own_final_files_are_attached_and_each_once(
    app: MemoryApp, meera: Account
) -> None:
    rohan = (await app.client("Rohan"))[0]
    own = await final(app, meera.id)
    foreign = await final(app, rohan.id)
    unready = await uploaded(app, meera.id)

    for ids, error in [
        ((own.id, foreign.id), UnusableFiles),
        ((own.id, own.id), UnusableFiles),
        ((own.id, unready), FilesNotReady),
        (("fil_unknown",), UnusableFiles),
        (tuple(f"fil_{number}" for number in range(21)), Invalid),
    ]:
        with pytest.raises(error):
            await attach(app, meera.id, *ids, to="job_1", purpose=Purpose.DELIVERY)
    assert not (await app.services.files.get(own.id, by=meera.id)).attached

    await attach(app, meera.id, own.id, to="job_1", purpose=Purpose.DELIVERY)
    with pytest.raises(UnusableFiles):
        await attach(app, meera.id, own.id, to="job_2", purpose=Purpose.DELIVERY)


async def test_an_administrator_reads_what_belongs_to_a_booking_and_no_chats(
    app: MemoryApp, meera: Account
) -> None:
    asha = await app.admin()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    brief = await final(app, meera.id, purpose=Purpose.BRIEF)
    unused = await final(app, meera.id, purpose=Purpose.BRIEF)
    written = await final(app, meera.id, purpose=Purpose.CHAT)
    chat = await app.services.chats.open_for_booking(booking.id, by=meera.id)
    await attach(app, meera.id, brief.id, to=booking.id, purpose=Purpose.BRIEF)
    await attach(app, meera.id, written.id, to=ChatId(chat.id), purpose=Purpose.CHAT)

    for _ in range(3):  # as a page with previews does
        await app.services.files.link(brief.id, by=asha, caller=CALLER)
    await app.run()

    entries, _ = await app.services.audit.recent(by=meera.id)
    assert [entry.detail["file"] for entry in entries if entry.what == "admin_read"] == [brief.id]
    for hidden in (unused, written):
        with pytest.raises(NotFound):
            await app.services.files.link(hidden.id, by=asha, caller=CALLER)


async def test_nothing_is_given_out_before_it_is_checked(app: MemoryApp, meera: Account) -> None:
    file_id = await uploaded(app, meera.id)

    with pytest.raises(NotFound):
        await app.services.files.link(file_id, by=meera, caller=CALLER)

    await app.run()
    link = await app.services.files.link(file_id, by=meera, caller=CALLER)
    found = await app.services.storage_links.find(link.url.rpartition("/")[2])
    assert found.download.key.area is Area.FINAL
    assert found.download.disposition == 'attachment; filename="notes.txt"'


# Personal data


async def test_the_export_lists_the_files_of_a_person(app: MemoryApp, meera: Account) -> None:
    file = await final(app, meera.id, name="for the export.txt")

    document = await app.services.personal_data.export(meera, CALLER)

    (exported,) = document["files"]
    assert (exported["name"], exported["sha256"]) == ("for the export.txt", file.sha256)
    (usage,) = document["file_usage"]
    assert usage["used"] == len(TEXT)


async def test_erasure_leaves_what_the_other_party_has_received(
    app: MemoryApp, meera: Account
) -> None:
    rohan = (await app.client("Rohan"))[0]
    foreign = await final(app, rohan.id)
    unused = await final(app, meera.id)
    written = await final(app, meera.id, purpose=Purpose.CHAT)
    delivered = await final(app, meera.id)
    pending = await begun(app, meera.id)
    await attach(app, meera.id, written.id, to="cht_1", purpose=Purpose.CHAT)
    await attach(app, meera.id, delivered.id, to="job_1", purpose=Purpose.DELIVERY)

    await app.services.personal_data.erase(meera, CALLER)
    await app.pass_time(HOUR)

    left = await app.store.repositories.documents(FILES).many(
        [foreign.id, unused.id, written.id, delivered.id, pending.file.id]
    )
    assert left.keys() == {foreign.id, delivered.id}
    names = {*foreign.object_names, *delivered.object_names}
    assert {key.name for key in app.storage.objects} == names
