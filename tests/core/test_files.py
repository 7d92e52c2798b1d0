"""Files: the table of states, what can be attached, and the quota."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import Invalid, OneHourError
from core.file_usage import FileUsage, QuotaUsedUp, count_maximum, size_maximum
from core.files import (
    NEXT,
    Contents,
    FileId,
    FileInUse,
    FilesNotReady,
    Kind,
    Preview,
    PreviewName,
    Purpose,
    State,
    StoredFile,
    UnusableFiles,
    WrongFileState,
    checked_hash,
)
from core.files_policy import FilePolicy

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
OWNER, JOB = "acc_1", "job_1"
POLICY = FilePolicy()
FILE = StoredFile(
    id=FileId(f"fil_{'1' * 26}"),
    owner=OWNER,
    purpose=Purpose.DELIVERY,
    name="report.pdf",
    size=100,
    sha256="0" * 64,
    declared_type="application/pdf",
    created_at=NOW,
)
PICTURE = Contents(
    media_type="image/png", kind=Kind.IMAGE, previews=(Preview(PreviewName.SMALL, "image/webp"),)
)
MOVES = {
    State.QUARANTINED: lambda file: file.uploaded(),
    State.CHECKED: lambda file: file.checked("0123456789", PICTURE),
    State.FINAL: lambda file: file.final(),
    State.REFUSED: lambda file: file.refused("It is a bomb."),
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", MOVES)
def test_a_file_moves_only_as_the_table_says(before: State, after: State) -> None:
    file = replace(FILE, state=before)

    if after in NEXT[before]:
        assert MOVES[after](file).state is after
    else:
        with pytest.raises(WrongFileState):
            MOVES[after](file)


def test_every_state_is_in_the_table_and_the_last_ones_stay() -> None:
    assert set(NEXT) == set(State)
    assert {state for state, following in NEXT.items() if not following} == {
        State.FINAL,
        State.REFUSED,
    }


def test_a_checked_file_knows_its_objects() -> None:
    checked = FILE.uploaded().checked("0123456789", PICTURE)

    name = f"{FILE.id}-0123456789"
    assert checked.object_names == (name, f"{name}small")
    assert FILE.object_names == ()


def test_a_refused_file_has_a_reason_and_no_objects() -> None:
    scanned = FILE.uploaded().checked("0123456789", PICTURE).refused("Malware was found.")

    assert scanned.reason == "Malware was found."
    assert (scanned.object_names, scanned.counted_bytes, scanned.contents) == ((), 0, Contents())


def test_a_final_file_is_attached_once_and_stays() -> None:
    final = replace(FILE, state=State.FINAL)

    attached = final.attach(JOB, by=OWNER, purpose=Purpose.DELIVERY, now=NOW)

    assert (attached.attached_to, attached.attached_at) == (JOB, NOW)
    with pytest.raises(UnusableFiles, match="already in use"):
        attached.attach(JOB, by=OWNER, purpose=Purpose.DELIVERY, now=NOW)
    with pytest.raises(FileInUse):
        attached.check_removable()


@pytest.mark.parametrize(
    ("file", "by", "purpose", "error"),
    [
        (replace(FILE, state=State.FINAL), "acc_2", Purpose.DELIVERY, UnusableFiles),
        (replace(FILE, state=State.FINAL), OWNER, Purpose.CHAT, UnusableFiles),
        (FILE, OWNER, Purpose.DELIVERY, UnusableFiles),
        (replace(FILE, state=State.REFUSED), OWNER, Purpose.DELIVERY, UnusableFiles),
        (replace(FILE, state=State.QUARANTINED), OWNER, Purpose.DELIVERY, FilesNotReady),
        (replace(FILE, state=State.CHECKED), OWNER, Purpose.DELIVERY, FilesNotReady),
    ],
)
def test_what_cannot_be_attached(
    file: StoredFile, by: str, purpose: Purpose, error: type[OneHourError]
) -> None:
    with pytest.raises(error):
        file.attach(JOB, by=by, purpose=purpose, now=NOW)


def test_the_quota_of_an_account() -> None:
    policy = FilePolicy(quota_bytes=100)

    used = FileUsage(OWNER).add(60, policy)
    full = used.add(40, policy)

    assert full.used == 100
    with pytest.raises(QuotaUsedUp):
        full.add(1, policy)
    assert full.subtract(60).used == 40
    assert full.subtract(1000).used == 0


def test_limits_depend_on_the_purpose() -> None:
    assert [size_maximum(each, POLICY) // 1024**2 for each in Purpose] == [100, 10, 100, 100]
    assert [count_maximum(each, POLICY) for each in Purpose] == [20, 10, 10, 20]


def test_a_hash_has_64_hexadecimal_digits() -> None:
    assert checked_hash("AB" * 32) == "ab" * 32
    for wrong in ("", "a" * 63, "g" * 64, "ａ" * 64, f"{'a' * 63}\n"):
        with pytest.raises(Invalid):
            checked_hash(wrong)
