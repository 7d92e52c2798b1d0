"""Files of messages on pages without scripts, over the API and in socket events."""

from __future__ import annotations

import re

from core.files import FileId, Purpose
from tests.builders.files import final, uploaded
from tests.web.chats.talk import Talk, log_in_admin, send

CHOICES = re.compile(r'name="files" value="(\w+)" form="message-form"([^>]*)>')


async def a_file(talk: Talk, *, by: str = "", name: str = "plan.txt") -> FileId:
    file = await final(talk.app, by or talk.meera.id, purpose=Purpose.CHAT, name=name)
    return file.id


async def test_sent_files_are_chosen_in_a_form_and_shown_to_both(talk: Talk) -> None:
    file = await a_file(talk)
    _, before = await talk.client.look(talk.path)
    _, uploads = await talk.client.look(f"/uploads/chat?back={talk.path}")

    sent = await send(talk.client, talk.path, body="", files=file)
    await talk.app.services.chat_summaries.settle()
    _, own = await talk.client.look(talk.path)
    _, other = await talk.developer.look(talk.path)

    assert f'href="/uploads/chat?back={talk.path}"' in before
    assert f'<a class="button start" href="{talk.path}">Back</a>' in uploads
    assert CHOICES.findall(before) == [(file, "")], "no file is chosen by itself"
    assert sent[:2] == (303, talk.path)
    assert CHOICES.findall(own) == []
    for html in (own, other):
        assert "<b>plan.txt</b>" in html
        assert f'href="/files/{file}"' in html
    assert "<p>You: 1\N{NO-BREAK SPACE}file</p>" in own
    answer, _ = await talk.developer.look(f"/files/{file}")
    assert answer.status_code == 303


async def test_a_file_that_is_being_checked_keeps_the_form(talk: Talk) -> None:
    ready = await a_file(talk)
    file = await uploaded(talk.app, talk.meera.id, purpose=Purpose.CHAT, name="log.txt")
    _, before = await talk.client.look(talk.path)

    status, _, html = await send(talk.client, talk.path, body="The log.", files=file)

    assert "being checked" in before
    assert (file, " disabled") in CHOICES.findall(before)
    assert status == 409
    assert "log.txt is still being checked." in html
    assert ">The log.</textarea>" in html
    assert dict(CHOICES.findall(html)) == {ready: "", file: " checked disabled"}


async def test_a_file_of_somebody_else_is_refused_beside_the_form(talk: Talk) -> None:
    file = await a_file(talk, by=talk.lucia.account_id)
    await talk.client.look(talk.path)

    status, _, html = await send(talk.client, talk.path, body="Mine.", files=file)

    assert status == 422
    assert "One of the files does not exist." in html
    assert "No messages yet" in html


async def test_the_first_message_from_a_booking_may_be_a_file(talk: Talk) -> None:
    arjun = await talk.app.developer("Arjun Nair")
    booking = await talk.app.confirmed(talk.meera, arjun)
    file = await a_file(talk)
    _, page = await talk.client.look(f"/bookings/{booking.id}")
    assert (file, "") in CHOICES.findall(page)

    path = f"/bookings/{booking.id}/messages"
    status, target, _ = await send(talk.client, path, body="", files=file)

    _, html = await talk.client.look(target)
    assert status == 303
    assert "<b>plan.txt</b>" in html


async def test_files_are_counted_where_a_message_has_no_text(talk: Talk) -> None:
    file = await a_file(talk)
    seq = await talk.say(talk.meera.id, "", files=[file])
    await talk.say(talk.lucia.account_id, "Thanks for the plan.", reply_to=seq)
    second = await a_file(talk)
    await talk.say(talk.meera.id, "And the plan of May.", files=[second])

    _, html = await talk.client.look(f"{talk.path}?q=plan&reply={seq}")

    text = " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())
    assert "You answer yourself: 1 file" in text
    assert "Answers You 1 file Thanks for the plan." in text
    assert "And the plan of May. plan .txt" in text.partition("Search this conversation")[2]


async def test_a_removed_file_is_counted_in_its_message(talk: Talk) -> None:
    file = await a_file(talk)
    await talk.say(talk.meera.id, "Here.", files=[file])

    await talk.app.store.transact(
        lambda repositories: talk.app.services.attachments.remove(repositories, [file])
    )

    _, html = await talk.developer.look(talk.path)
    assert "1\N{NO-BREAK SPACE}file no longer available" in html


async def test_an_edited_message_with_files_may_lose_its_text(talk: Talk) -> None:
    file = await a_file(talk)
    seq = await talk.say(talk.meera.id, "Heer.", files=[file])
    _, page = await talk.client.look(f"{talk.path}?edit={seq}")

    status, _, _ = await send(talk.client, f"{talk.path}/{seq}/edit", body="")
    _, html = await talk.developer.look(talk.path)

    assert " required" not in page.partition('id="body"')[2].partition(">")[0]
    assert status == 303
    assert "Heer." not in html
    assert "<b>plan.txt</b>" in html


async def test_the_api_sends_files_and_names_their_ids(talk: Talk) -> None:
    file = await a_file(talk)
    path = f"/api/v1/chats/{talk.chat.id}/messages"
    message = {"client_id": "m-1", "files": [file]}

    headers = {"X-CSRF-Token": talk.client.token}
    sent = await talk.client.ask("POST", path, json=message, headers=headers)
    again = await talk.client.ask("POST", path, json=message, headers=headers)
    none = await talk.client.ask("POST", path, json={"client_id": "m-2"}, headers=headers)
    read = await (await talk.developer.ask("GET", path)).get_json()

    assert (sent.status_code, again.status_code, none.status_code) == (201, 201, 422)
    assert [each["files"] for each in read["items"]] == [[file]]
    (event,) = {str(e.data["files"]) for e in talk.app.live.published if e.event == "chat:message"}
    assert event == str([file])


async def test_an_administrator_gets_files_by_way_of_a_report_only(talk: Talk) -> None:
    file, unsent = await a_file(talk), await a_file(talk, name="other.txt")
    await talk.say(talk.meera.id, "", files=[file])
    report = await talk.app.services.chat_reports.report(
        talk.chat.id, by=talk.lucia.account_id, reason="Not what we agreed."
    )
    admin = await log_in_admin(talk, await talk.app.admin())

    _, page = await admin.look(f"/admin/reports/{report.id}")
    read, _ = await admin.look(f"/admin/reports/{report.id}/files/{file}")
    foreign, _ = await admin.look(f"/admin/reports/{report.id}/files/{unsent}")
    direct, _ = await admin.look(f"/files/{file}")
    await talk.app.run()

    assert "<b>plan.txt</b>" in page
    assert f'href="/admin/reports/{report.id}/files/{file}"' in page
    assert (read.status_code, foreign.status_code, direct.status_code) == (303, 404, 404)
    entries, _ = await talk.app.services.audit.recent(by=talk.meera.id)
    assert {"file": file, "name": "plan.txt"} in [entry.detail for entry in entries]
