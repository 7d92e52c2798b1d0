"""Files of messages: attached before the message is stored, removed with it or without it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.accounts import Account
from core.chats import Blocked, Chat
from core.errors import Invalid, NotFound
from core.files import FileId, FileInUse, FilesNotReady, Purpose, StoredFile, UnusableFiles
from core.messages import Message
from core.policy import DAY, MINUTE
from services.files import FileSweep
from services.files.documents import FILES, USAGE
from tests.app import CALLER, MemoryApp
from tests.builders.files import final, uploaded
from tests.services.members import Killed, an_app_that_can_be_killed

WEEK = 7 * DAY


@dataclass
class Talk:
    app: MemoryApp
    meera: Account
    developer: str
    chat: Chat

    @classmethod
    async def of(cls, app: MemoryApp) -> Talk:
        meera, _ = await app.client()
        lucia = await app.developer()
        chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
        return cls(app, meera, lucia.account_id, chat)

    async def file(self, name: str = "plan.txt", *, by: str = "") -> StoredFile:
        return await final(self.app, by or self.meera.id, purpose=Purpose.CHAT, name=name)

    async def send(
        self, *files: str, body: str = "", client_id: str = "m-1", by: str = ""
    ) -> Message:
        sent = await self.app.services.messages.send(
            self.chat.id, by=by or self.meera.id, body=body, client_id=client_id, files=files
        )
        await self.app.services.chat_summaries.settle()
        return sent

    async def exists(self, file: FileId) -> bool:
        return await self.app.store.repositories.documents(FILES).find(file) is not None

    async def unsent(self) -> set[str]:
        found = await self.app.services.message_files.unsent(self.chat.id, by=self.meera.id)
        return {file.id for file in found}

    async def sweep(self) -> None:
        """Run everything that is due, and the sweep."""
        await self.app.run()
        await self.app.services.built[FileSweep].sweep()
        await self.app.run()


@pytest.fixture
async def talk(any_app: MemoryApp) -> Talk:
    return await Talk.of(any_app)


async def test_a_message_is_found_by_the_names_of_its_files_until_it_is_deleted(
    talk: Talk,
) -> None:
    plan, index = await talk.file("Plan of March.txt"), await talk.file("index.sql")
    await talk.send(plan.id, index.id, body="As we said.")
    messages = talk.app.services.messages

    async def found(text: str) -> list[int]:
        hits = await messages.search(talk.chat.id, text, by=talk.developer, before=9, limit=9)
        return [message.seq for message in hits]

    assert await found("march INDEX said") == [1]
    assert await found("march april") == []
    await messages.delete(talk.chat.id, 1, by=talk.meera.id)
    assert await found("march") == []


async def test_a_message_may_be_only_files_and_both_parties_get_them(talk: Talk) -> None:
    first, second = await talk.file("plan.txt"), await talk.file("index.sql")

    sent = await talk.send(second.id, first.id)

    assert (sent.body, sent.files) == ("", (second.id, first.id))
    found = await talk.app.services.files.get(first.id, by=talk.developer)
    assert found.attached_to == talk.chat.id
    (event,) = [each for each in talk.app.live.published if each.event == "chat:message"]
    assert event.data["files"] == [second.id, first.id]
    chat = await talk.app.store.repositories.chats.get(talk.chat.id)
    assert chat.last and (chat.last.text, chat.last.files) == ("", 2)


async def test_a_message_without_text_and_files_is_refused(talk: Talk) -> None:
    with pytest.raises(Invalid):
        await talk.send(body="  ")


async def test_only_own_final_files_for_chats_can_be_sent_up_to_ten(talk: Talk) -> None:
    foreign = await talk.file(by=talk.developer)
    delivery = await final(talk.app, talk.meera.id)
    ready = await talk.file()
    unchecked = await uploaded(talk.app, talk.meera.id, purpose=Purpose.CHAT)

    for files, refused in (
        ([ready.id, foreign.id], UnusableFiles),
        ([ready.id, delivery.id], UnusableFiles),
        ([ready.id, ready.id], UnusableFiles),
        ([ready.id, "fil_none"], UnusableFiles),
        ([ready.id, unchecked], FilesNotReady),
        ([f"fil_{number}" for number in range(11)], Invalid),
    ):
        with pytest.raises(refused):
            await talk.send(*files)

    assert await talk.app.store.repositories.messages.last_seq(talk.chat.id) == 0
    assert not (await talk.app.services.files.get(ready.id, by=talk.meera.id)).attached
    await talk.app.run()
    assert (await talk.send(ready.id, unchecked)).seq == 1


async def test_nothing_is_attached_by_a_stranger_or_in_a_blocked_chat(talk: Talk) -> None:
    rohan, _ = await talk.app.client("Rohan")
    foreign, own = await talk.file(by=rohan.id), await talk.file()
    with pytest.raises(NotFound):
        await talk.send(foreign.id, by=rohan.id)
    await talk.app.services.chats.block(talk.chat.id, by=talk.developer)

    with pytest.raises(Blocked):
        await talk.send(own.id)

    for file in (foreign, own):
        assert not (await talk.app.services.files.get(file.id, by=file.owner)).attached


async def test_a_file_is_in_one_message_however_often_that_is_sent(talk: Talk) -> None:
    file = await talk.file()
    first = await talk.send(file.id)

    assert await talk.send(file.id) == first
    with pytest.raises(UnusableFiles):
        await talk.send(file.id, client_id="m-2")
    with pytest.raises(FileInUse):
        await talk.app.services.uploads.discard(file.id, by=talk.meera.id)
    assert await talk.unsent() == set()


async def killed_before_the_message() -> tuple[Talk, StoredFile]:
    """The files are attached, then the process ends."""
    app, store = an_app_that_can_be_killed()
    talk = await Talk.of(app)
    file = await talk.file()
    store.killed_at = "after"
    with pytest.raises(Killed):
        await talk.send(file.id, body="Here it is.")
    assert await app.store.repositories.messages.last_seq(talk.chat.id) == 0
    assert (await app.services.files.get(file.id, by=talk.meera.id)).attached
    return talk, file


async def test_a_message_is_sent_again_after_a_kill_between_its_files_and_itself() -> None:
    talk, file = await killed_before_the_message()

    sent = await talk.send(file.id, body="Here it is.")
    talk.app.clock.advance(400 * DAY)
    await talk.sweep()

    assert (sent.seq, sent.files) == (1, (file.id,))
    assert await talk.exists(file.id)


async def test_a_form_without_its_id_uses_the_files_of_a_killed_one() -> None:
    talk, file = await killed_before_the_message()
    assert await talk.unsent() == {file.id}

    sent = await talk.send(file.id, client_id="m-2")
    talk.app.clock.advance(400 * DAY)
    await talk.sweep()

    assert sent.files == (file.id,)
    assert await talk.exists(file.id)
    with pytest.raises(UnusableFiles):
        await talk.send(file.id, client_id="m-3")


async def test_files_of_a_message_that_never_came_are_removed_after_a_week() -> None:
    talk, file = await killed_before_the_message()

    talk.app.clock.advance(WEEK - MINUTE)
    await talk.sweep()
    assert await talk.exists(file.id)
    talk.app.clock.advance(MINUTE)
    await talk.sweep()

    assert not await talk.exists(file.id)
    assert talk.app.storage.objects == {}
    usage = await talk.app.store.repositories.documents(USAGE).get(talk.meera.id)
    assert usage.used == 0


async def test_an_attempt_in_the_last_minute_keeps_the_files_for_another_week() -> None:
    talk, file = await killed_before_the_message()
    store = talk.app.store
    talk.app.clock.advance(WEEK - MINUTE)
    store.killed_at = "after"  # type: ignore[attr-defined]
    with pytest.raises(Killed):
        await talk.send(file.id)

    talk.app.clock.advance(6 * DAY)
    await talk.sweep()
    assert await talk.exists(file.id)
    talk.app.clock.advance(DAY)
    await talk.sweep()

    assert not await talk.exists(file.id)


async def test_an_edit_keeps_the_files_and_a_deletion_removes_them(talk: Talk) -> None:
    file = await talk.file()
    await talk.send(file.id, body="Here.")
    messages = talk.app.services.messages

    edited = await messages.edit(talk.chat.id, 1, by=talk.meera.id, body="")
    assert (edited.body, edited.files) == ("", (file.id,))
    assert await talk.exists(file.id)
    deleted = await messages.delete(talk.chat.id, 1, by=talk.meera.id)
    await talk.app.run()

    assert deleted.files == ()
    assert not await talk.exists(file.id)
    assert talk.app.storage.objects == {}
    chat = await talk.app.store.repositories.chats.get(talk.chat.id)
    assert chat.last and (chat.last.text, chat.last.files) == ("", 0)


async def test_the_files_of_a_person_are_exported_and_erased_with_the_messages(talk: Talk) -> None:
    own, other = await talk.file(), await talk.file(by=talk.developer)
    await talk.send(own.id)
    await talk.send(other.id, by=talk.developer)
    account = await talk.app.store.repositories.accounts.get(talk.meera.id)

    exported = str(await talk.app.services.personal_data.export(account, CALLER))
    await talk.app.services.personal_data.erase(account, CALLER)
    await talk.app.pass_time(2 * 60 * MINUTE)

    assert own.id in exported and "plan.txt" in exported
    left = await talk.app.services.messages.after(talk.chat.id, 0, by=talk.developer, limit=9)
    assert [message.files for message in left] == [(), (other.id,)]
    assert not await talk.exists(own.id)
    assert {key.name for key in talk.app.storage.objects} == set(other.object_names)


async def test_the_notice_about_unread_messages_counts_the_files(talk: Talk) -> None:
    one, two = await talk.file(), await talk.file()
    await talk.send(one.id, two.id)

    await talk.app.pass_time(16 * MINUTE)

    assert "It has 2 files." in talk.app.mailer.sent[-1].text
