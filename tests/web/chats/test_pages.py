"""The pages of chats without scripts: read, write, answer, change, search, block."""

from __future__ import annotations

import re
from datetime import timedelta

from core.files import Purpose
from tests.builders.files import final
from tests.web.chats.talk import Talk, log_in_admin, send
from tests.web.site import Browser
from web.chats.history import PAGE

QUARTER = timedelta(minutes=15)
SHOWN = re.compile(r'<div class="bubble" dir="auto"><p>(.*?)</p>')
OPENED = re.compile(r'<span class="count" data-count="/messages"( hidden)?><b>(\d+)</b>')


async def test_a_message_goes_to_the_other_party_and_is_shown_once(talk: Talk) -> None:
    _, page = await talk.client.look(talk.path)
    form = {"body": "Hello **Lucía**", "client_id": "form-1"}

    first = await send(talk.client, talk.path, **form)
    again = await send(talk.client, talk.path, **form)
    await talk.app.services.chat_summaries.settle()
    _, html = await talk.developer.look(talk.path)

    assert "No messages yet" in page
    assert (first[0], first[1], again[0]) == (303, talk.path, 303)
    assert SHOWN.findall(html) == ["Hello <strong>Lucía</strong>"]
    assert re.search(r'<div class="thread" tabindex="0" role="log" aria-label="[^"]+"', html)
    assert '<span class="strong">1\N{NO-BREAK SPACE}new message</span>' in html


async def test_unread_conversations_are_counted_in_the_navigation_and_the_title(
    talk: Talk,
) -> None:
    await talk.say(talk.meera.id, "Hello.")
    await talk.say(talk.meera.id, "Are you there?")

    _, before = await talk.developer.look("/dashboard")
    _, listed = await talk.developer.look("/messages")
    assert "unread</span></span>" in listed
    status, target, _ = await send(talk.developer, f"{talk.path}/read", seq="2")
    _, after = await talk.developer.look("/dashboard")
    _, visitor = await Browser(talk.client.quart_app).look("/")

    assert OPENED.findall(before) == [("", "1")] * 2
    assert "<title>(1) " in before
    assert (status, target) == (303, talk.path)
    assert OPENED.findall(after) == [(" hidden", "0")] * 2
    assert "<title>(" not in after
    assert "data-count" not in visitor


async def test_an_empty_message_keeps_the_page_and_names_the_error(talk: Talk) -> None:
    await talk.client.look(talk.path)

    status, _, html = await send(talk.client, talk.path, body="  ")

    assert status == 422
    assert "Write a message first." in html
    assert 'aria-invalid="true"' in html


async def test_a_message_that_is_too_long_keeps_its_text(talk: Talk) -> None:
    await talk.client.look(talk.path)
    text = "long " * 1700

    status, _, html = await send(talk.client, talk.path, body=text)

    assert status == 422
    assert f">{text}</textarea>" in html


async def test_too_many_messages_keep_the_text(talk: Talk) -> None:
    for number in range(talk.app.services.chats.policy.messages_per_minute):
        await talk.app.services.messages.send(
            talk.chat.id, by=talk.meera.id, body="A", client_id=f"m-{number}"
        )
    await talk.client.look(talk.path)

    status, _, html = await send(talk.client, talk.path, body="One more.")

    assert status == 429
    assert ">One more.</textarea>" in html
    assert "Wait a moment" in html


async def test_an_answer_quotes_the_message_and_links_to_it(talk: Talk) -> None:
    asked = await talk.say(talk.lucia.account_id, "Which version?")
    _, page = await talk.client.look(f"{talk.path}?reply={asked}")

    await send(talk.client, talk.path, body="17.", reply_to=str(asked))
    _, html = await talk.client.look(talk.path)

    assert "<b>You answer Lucía:</b>" in page
    assert f'name="reply_to" value="{asked}"' in page
    assert f'<a class="quote" href="{talk.path}?at={asked}#m{asked}">' in html


async def test_an_own_message_is_changed_and_deleted_with_a_trace(talk: Talk) -> None:
    first = await talk.say(talk.meera.id, "Frist.")
    second = await talk.say(talk.meera.id, "Second.")
    _, page = await talk.client.look(f"{talk.path}?edit={first}")

    edited = await send(talk.client, f"{talk.path}/{first}/edit", body="First.")
    deleted = await send(talk.client, f"{talk.path}/{second}/delete")
    _, html = await talk.developer.look(talk.path)

    assert ">Frist.</textarea>" in page
    assert edited[:2] == (303, f"{talk.path}#m{first}")
    assert deleted[:2] == (303, f"{talk.path}#m{second}")
    assert SHOWN.findall(html) == ["First."]
    assert ", edited" in html
    assert html.count("This message was deleted") == 1 + 1  # the thread and the list
    assert "Second." not in html


async def test_a_message_is_changed_for_ten_minutes_and_the_text_is_kept(talk: Talk) -> None:
    first = await talk.say(talk.meera.id, "Frist.")
    await talk.client.look(f"{talk.path}?edit={first}")
    talk.app.clock.advance(timedelta(minutes=11))

    status, _, html = await send(talk.client, f"{talk.path}/{first}/edit", body="First.")
    _, page = await talk.client.look(talk.path)

    assert status == 409
    assert ">First.</textarea>" in html
    assert "for a short time only" in html
    assert "Edit or" not in page


async def test_the_history_is_read_in_pages_by_number(talk: Talk) -> None:
    for number in range(PAGE + 5):
        await talk.say([talk.meera.id, talk.lucia.account_id][number % 2], f"Text {number + 1}.")

    _, newest = await talk.client.look(talk.path)
    _, earlier = await talk.client.look(f"{talk.path}?before=6")
    _, around = await talk.client.look(f"{talk.path}?at=2")

    assert SHOWN.findall(newest)[-1] == f"Text {PAGE + 5}."
    assert "Earlier messages" in newest
    assert SHOWN.findall(earlier) == [f"Text {number}." for number in range(1, 6)]
    assert "Newest messages" in earlier
    assert SHOWN.findall(around) == [f"Text {number}." for number in range(1, 12)]


async def test_a_part_of_the_history_is_a_fragment(talk: Talk) -> None:
    for text in ("One.", "Two.", "Three."):
        await talk.say(talk.meera.id, text)

    _, after = await talk.client.look(f"{talk.path}/lines?after=1")
    _, none = await talk.client.look(f"{talk.path}/lines?after=3")
    _, one = await talk.client.look(f"{talk.path}/lines?seq=2")
    _, before = await talk.client.look(f"{talk.path}/lines?before=2")
    missing, _ = await talk.client.look(f"{talk.path}/lines?seq=9")

    assert after.strip().startswith('<ol class="messages" data-first="2" data-last="3">')
    assert SHOWN.findall(after) == ["Two.", "Three."]
    assert "data-day" not in after, "the same day as the message before"
    assert (SHOWN.findall(none), SHOWN.findall(one)) == ([], ["Two."])
    assert SHOWN.findall(before) == ["One."]
    assert "data-day" in before
    assert missing.status_code == 404


async def test_a_new_day_begins_in_the_zone_of_the_reader(talk: Talk) -> None:
    await talk.say(talk.meera.id, "Monday.")
    talk.app.clock.advance(timedelta(hours=13))
    await talk.say(talk.meera.id, "Tuesday in Kolkata, Monday elsewhere.")

    _, html = await talk.client.look(talk.path)

    assert re.findall(r'data-day="([\d-]+)"', html) == ["2026-11-23", "2026-11-24"]


async def test_states_of_bookings_stand_between_the_messages(talk: Talk) -> None:
    await talk.say(talk.meera.id, "Before.")
    talk.app.clock.advance(QUARTER - timedelta(seconds=10))
    booking = await talk.app.confirmed(talk.meera, talk.lucia, starts_in=timedelta(hours=30))
    await talk.say(talk.meera.id, "After.")

    _, html = await talk.client.look(talk.path)
    _, other = await talk.developer.look(talk.path)

    thread = html.partition("data-thread")[2]
    order = [thread.index(each) for each in ("Before.", "You paid ₹", "Lucía accepted", "After.")]
    assert order == sorted(order)
    assert html.count(f'href="/bookings/{booking.id}"') >= 3
    assert "Meera paid ₹" in other and "You accepted" in other
    _, news = await talk.client.look(f"{talk.path}/lines?after=1&statuses=yes")
    _, plain = await talk.client.look(f"{talk.path}/lines?after=1")
    assert ("You paid ₹" in news, "You paid ₹" in plain) == (True, False)


async def test_search_finds_messages_and_leads_to_them(talk: Talk) -> None:
    found = await talk.say(talk.lucia.account_id, "The slow query <reads> everything.")
    await talk.say(talk.meera.id, "I see.")

    _, html = await talk.client.look(f"{talk.path}?q=QUERY+slow")
    _, none = await talk.client.look(f"{talk.path}?q=nothing")

    assert "1\N{NO-BREAK SPACE}message</p>" in html
    assert f"{talk.path}?at={found}&amp;q=QUERY+slow#m{found}" in html
    assert "The <mark>slow</mark> <mark>query</mark> &lt;reads&gt; everything." in html
    assert "No message has all these words." in none


async def test_search_finds_files_by_their_names(talk: Talk) -> None:
    name = "Load <b>alancer plan.txt"
    file = await final(talk.app, talk.meera.id, purpose=Purpose.CHAT, name=name)
    await talk.say(talk.lucia.account_id, "Where is it?")
    await send(talk.client, talk.path, body="Here it is.", files=file.id)

    for browser in (talk.client, talk.developer):
        _, html = await browser.look(f"{talk.path}?q=plan.TXT+here")
        assert "1\N{NO-BREAK SPACE}message</p>" in html
        assert "<mark>Here</mark> it is." in html
        assert "Load _b_alancer <mark>plan.txt</mark>" in html
    _, none = await talk.client.look(f"{talk.path}?q=plan.txt+where")
    assert "No message has all these words." in none


async def test_a_block_is_shown_to_both_and_ended_by_the_one_who_made_it(talk: Talk) -> None:
    await talk.say(talk.meera.id, "Hello.")
    await talk.developer.look(talk.path)

    await send(talk.developer, f"{talk.path}/block")
    _, own = await talk.developer.look(talk.path)
    _, other = await talk.client.look(talk.path)
    refused = await send(talk.client, talk.path, body="Still there?")
    await send(talk.developer, f"{talk.path}/unblock")
    _, again = await talk.client.look(talk.path)

    assert "You have blocked Meera." in own and "/unblock" in own
    assert "Messages between you two are blocked." in other and "<textarea" not in other
    assert refused[0] == 403
    assert "<textarea" in again


async def test_contact_data_before_a_payment_is_warned_about_to_the_sender_alone(
    talk: Talk,
) -> None:
    await talk.client.look(talk.path)

    await send(talk.client, talk.path, body="Write to meera@example.com")
    _, own = await talk.client.look(talk.path)
    _, other = await talk.developer.look(talk.path)

    assert "Keep contact and payment on 1HourDeveloper" in own
    assert "Keep contact and payment on 1HourDeveloper" not in other


async def test_nothing_is_stored_before_the_first_message_to_a_developer(talk: Talk) -> None:
    arjun = await talk.app.developer("Arjun Nair")
    path = f"/messages/with/{arjun.id}"
    _, profile = await talk.client.look(f"/developers/{arjun.id}")

    _, page = await talk.client.look(path)
    empty = await send(talk.client, path, body=" ")
    count = len(talk.app.store._tables.rows["chats"])  # type: ignore[attr-defined]
    status, target, _ = await send(talk.client, path, body="Do you know Django 5?")
    _, html = await talk.client.look(target)
    again, _ = await talk.client.look(path)

    assert f'href="{path}"' in profile and "Write to Arjun" in profile
    assert "Chat with </span>Arjun Nair" in page
    assert (empty[0], count, status) == (422, 1, 303)
    assert SHOWN.findall(html) == ["Do you know Django 5?"]
    assert (again.status_code, again.headers["Location"]) == (303, target)


async def test_a_visitor_logs_in_and_comes_back_to_write(talk: Talk) -> None:
    visitor = Browser(talk.client.quart_app)
    _, profile = await visitor.look(f"/developers/{talk.lucia.id}")
    path = f"/messages/with/{talk.lucia.id}"

    answer, _ = await visitor.look(path)

    assert f'href="{path}"' in profile
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"next={path}")


async def test_a_developer_sees_no_link_to_write_to_itself_or_others(talk: Talk) -> None:
    arjun = await talk.app.developer("Arjun Nair")

    for profile in (talk.lucia, arjun):
        _, html = await talk.developer.look(f"/developers/{profile.id}")
        assert "Write to" not in html


async def test_the_page_of_a_booking_has_the_conversation(talk: Talk) -> None:
    arjun = await talk.app.developer("Arjun Nair")
    booking = await talk.app.confirmed(talk.meera, arjun, starts_in=timedelta(hours=30))
    _, before = await talk.client.look(f"/bookings/{booking.id}")
    path = f"/bookings/{booking.id}/messages"
    assert f'action="{path}"' in before

    status, target, _ = await send(talk.client, path, body="See you.", booking=booking.id)
    assert status == 303
    _, html = await talk.client.look(f"/bookings/{booking.id}")
    second = await send(talk.client, target, body="With the plan.", booking=booking.id)

    assert SHOWN.findall(html) == ["See you."]
    assert second[:2] == (303, f"/bookings/{booking.id}#chat")


async def test_another_account_finds_no_conversation(talk: Talk) -> None:
    nils, _ = await talk.app.client("Nils Aasen")
    stranger = Browser(talk.client.quart_app)
    await stranger.look("/login")
    await stranger.log_in(nils)

    for path in ("", "/lines?after=0"):
        answer, _ = await stranger.look(talk.path + path)
        assert answer.status_code == 404


async def test_a_report_is_read_by_an_administrator_and_both_parties_see_it(talk: Talk) -> None:
    asha = await talk.app.admin()
    admin = await log_in_admin(talk, asha)
    await talk.say(talk.meera.id, "A *secret*.")
    await talk.client.look(f"{talk.path}/report")

    empty = await send(talk.client, f"{talk.path}/report", reason=" ")
    sent = await send(talk.client, f"{talk.path}/report", reason="Asks for bank details.")
    again = await send(talk.client, f"{talk.path}/report", reason="And again.")
    _, before = await talk.client.look(sent[1])
    _, listed = await admin.look("/admin/reports")
    target = re.search(r'href="(/admin/reports/[^"]+)"', listed)
    assert target
    _, read = await admin.look(target[1])
    await talk.app.run()

    assert (empty[0], sent[0], again[0]) == (422, 303, 409)
    assert ">And again.</textarea>" in again[2]
    assert "An administrator will read this" in before
    assert "An administrator read" not in before
    assert "Asks for bank details." in listed
    assert SHOWN.findall(read) == ["A <em>secret</em>."]
    for browser in (talk.client, talk.developer):
        _, html = await browser.look(talk.path)
        assert html.count("An administrator read this conversation after a report") == 1
    for account in (talk.meera.id, talk.lucia.account_id):
        (entry, *_), _ = await talk.app.services.audit.recent(by=account)
        assert (entry.what, entry.actor, entry.detail) == (
            "admin_read", asha.id, {"chat": talk.chat.id}
        )  # fmt: skip
    assert (await send(admin, f"{target[1]}/close"))[:2] == (303, "/admin/reports")
    assert "No open reports" in (await admin.look("/admin/reports"))[1]
    assert (await send(talk.client, f"{talk.path}/report", reason="Once more."))[0] == 303


async def test_somebody_is_online_for_two_minutes_after_the_last_sign_of_life(talk: Talk) -> None:
    presence = talk.app.services.presence
    await presence.here(talk.chat.id, by=talk.lucia.account_id)
    talk.app.clock.advance(timedelta(seconds=129))

    _, online = await talk.client.look(talk.path)
    talk.app.clock.advance(timedelta(seconds=2))
    _, later = await talk.client.look(talk.path)
    await presence.here(talk.chat.id, by=talk.lucia.account_id)
    _, again = await talk.client.look(talk.path)

    assert "Online, " in online and "Last seen" not in online
    assert "Last seen Mon 23 Nov 2026, 11:30 IST" in later.replace("\N{NO-BREAK SPACE}", " ")
    assert "Online, " in again


async def test_presence_is_told_to_the_room_and_stored_once_a_minute(talk: Talk) -> None:
    presence, live = talk.app.services.presence, talk.app.live
    by = talk.lucia.account_id
    await presence.here(talk.chat.id, by=by)
    changes = talk.app.store._tables.changes  # type: ignore[attr-defined]
    talk.app.clock.advance(timedelta(seconds=45))
    await presence.here(talk.chat.id, by=by)
    await presence.gone(talk.chat.id, by=by)

    told = [each for each in live.published if each.event == "presence"]
    assert [(each.room, each.data["online"]) for each in told] == [
        (f"chat:{talk.chat.id}", True), (f"chat:{talk.chat.id}", True),
        (f"chat:{talk.chat.id}", False),
    ]  # fmt: skip
    assert talk.app.store._tables.changes == changes  # type: ignore[attr-defined]
