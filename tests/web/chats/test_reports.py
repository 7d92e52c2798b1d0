"""Reports of conversations that are taken back, on pages and over the API."""

from __future__ import annotations

from core.chat_reports import ChatReport
from tests.web.chats.talk import Talk, log_in_admin, send

REASON = "Asks for bank details."


async def open_reports(talk: Talk) -> tuple[ChatReport, ...]:
    found, _ = await talk.app.services.chat_reports.open_reports(limit=9)
    return found


async def test_a_report_is_shown_to_its_reporter_and_taken_back(talk: Talk) -> None:
    await talk.client.look(f"{talk.path}/report")
    await send(talk.client, f"{talk.path}/report", reason=REASON)
    (report,) = await open_reports(talk)
    admin = await log_in_admin(talk, await talk.app.admin())
    _, own = await talk.client.look(f"{talk.path}/report")
    _, other = await talk.developer.look(f"{talk.path}/report")

    taken = await send(talk.client, f"{talk.path}/report/take-back")
    again = await send(talk.client, f"{talk.path}/report/take-back")
    _, page = await talk.client.look(f"{talk.path}/report")
    _, listed = await admin.look("/admin/reports")
    _, read = await admin.look(f"/admin/reports/{report.id}")

    assert REASON in own and "Take back the report" in own
    assert REASON not in other and "Take back the report" not in other
    assert taken[:2] == again[:2] == (303, talk.path)
    assert 'name="reason"' in page
    assert "No open reports" in listed
    assert "<dt>Taken back</dt>" in read
    assert (await send(talk.client, f"{talk.path}/report", reason="Once more."))[0] == 303


async def test_only_the_own_report_is_taken_back(talk: Talk) -> None:
    await talk.app.services.chat_reports.report(talk.chat.id, by=talk.meera.id, reason=REASON)
    await talk.developer.look(talk.path)

    await send(talk.developer, f"{talk.path}/report/take-back")

    assert len(await open_reports(talk)) == 1


async def test_the_api_reports_once_and_takes_back(talk: Talk) -> None:
    await talk.client.look(talk.path)
    path = f"/api/v1/chats/{talk.chat.id}/report"
    headers = {"X-CSRF-Token": talk.client.token}
    body = {"reason": REASON}

    made = await talk.client.ask("POST", path, json=body, headers=headers)
    twice = await talk.client.ask("POST", path, json=body, headers=headers)
    reports = await open_reports(talk)
    gone = await talk.client.ask("DELETE", path, headers=headers)
    none = await talk.client.ask("DELETE", path, headers=headers)

    assert [each.status_code for each in (made, twice, gone, none)] == [201, 409, 200, 404]
    assert (await made.get_json())["reason"] == REASON
    assert [(each.chat, each.reporter) for each in reports] == [(talk.chat.id, talk.meera.id)]
    assert await open_reports(talk) == ()


async def test_the_booking_beside_a_conversation_is_a_fragment(talk: Talk) -> None:
    _, before = await talk.client.look(f"{talk.path}/booking")
    booking = await talk.app.confirmed(talk.meera, talk.lucia)

    _, after = await talk.client.look(f"{talk.path}/booking")
    _, other = await talk.developer.look(f"{talk.path}/booking")

    assert "No booking yet" in before
    assert "<html" not in after
    assert f'data-live-booking="{booking.id}"' in after
    assert "Confirmed" in after
    assert "Booking of Meera" in other
