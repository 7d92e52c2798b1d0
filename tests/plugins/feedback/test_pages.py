"""The pages and the API of reviews, as both sides, readers and administrators use them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.accounts import AccountId
from core.jobs import JobId
from tests.plugins.feedback.world import World

THANKS = "Thank you for the clear schema."


async def post(browser: Any, path: str, **form: str) -> tuple[int, str]:
    answer = await browser.ask("POST", path, form={"csrf_token": browser.token, **form})
    return answer.status_code, await answer.get_data(as_text=True)


async def test_both_sides_write_on_pages_and_one_replies(world: World) -> None:
    job = await world.approved()
    path = f"/bookings/{job.booking_id}/review"
    client = await world.browser(world.client)
    developer = await world.browser(await world.developer_account())

    _, form = await client.look(path)
    wrong, again = await post(client, path, rating="", text="Great & quick.", explains="4")
    written, _ = await post(client, path, rating="5", text="Great & quick.", explains="4")
    await developer.look(path)
    other, _ = await post(developer, path, rating="4", text="Well prepared.")
    _, booking = await developer.look(f"/bookings/{job.booking_id}")
    review = f"rvw_{job.id.partition('_')[2]}_client"
    _, reply_form = await developer.look(f"/reviews/{review}/reply")
    replied, _ = await post(developer, f"/reviews/{review}/reply", text=THANKS)
    twice, refusal = await post(developer, f"/reviews/{review}/reply", text=THANKS)
    reviews = await world.page(f"/developers/{world.developer.id}/reviews?sort=lowest")

    assert "Explains so that you understand" in form
    assert wrong == 422 and "Choose 1 to 5 stars." in again
    assert "Great &amp; quick." in again
    assert 'name="explains" value="4" checked' in again
    assert (written, other) == (303, 303)
    assert "Great &amp; quick." in booking
    assert f"/reviews/{review}/reply" in booking
    assert "You can reply once" in reply_form
    assert (replied, twice) == (303, 409) and "You have replied to this review already" in refusal
    assert THANKS in reviews and 'aria-label="5 stars"' in reviews.replace(
        "\N{NO-BREAK SPACE}", " "
    )


async def test_a_reader_reports_a_review_and_an_administrator_removes_it(world: World) -> None:
    job = await world.approved()
    review = await world.from_client(job, text="He is a thief.")
    await world.from_developer(job)
    admin = await world.browser(await world.app.admin())
    developer = await world.browser(await world.developer_account())

    _, form = await developer.look(f"/reviews/{review.id}/report")
    sent, html = await post(developer, f"/reviews/{review.id}/report", reason="An insult.")
    again, _ = await post(developer, f"/reviews/{review.id}/report", reason="An insult.")
    _, reports = await admin.look("/admin/reviews")
    report = reports.partition("/admin/reviews/")[2].partition("/decide")[0]
    nonsense, _ = await post(admin, f"/admin/reviews/{report}/decide", outcome="eaten")
    decided, _ = await post(admin, f"/admin/reviews/{report}/decide", outcome="removed")
    _, left = await admin.look("/admin/reviews?decided=removed")

    assert (sent, again) == (200, 409) and "Your report is sent." in html
    assert "An insult." in reports and "He is a thief." in reports
    about = f"A review by {world.client.name} about {world.developer.name}"
    assert f"Reported by {world.developer.name}. {about}" in " ".join(reports.split())
    assert f'href="/admin/bookings/{job.booking_id}"' in reports
    assert (nonsense, decided) == (422, 303)
    assert "The review is removed." in left and "No open reports" in left
    back = f'<a class="fine start" href="/bookings/{job.booking_id}">'
    assert back in form and back in html
    assert "He is a thief." not in await world.page(f"/developers/{world.developer.id}")
    assert (await world.feedback.summary(world.developer.id)).count == 0


async def test_a_client_reports_a_review_from_the_booking(world: World) -> None:
    job = await world.approved()
    await world.from_client(job)
    review = await world.from_developer(job)
    client = await world.browser(world.client)

    _, booking = await client.look(f"/bookings/{job.booking_id}")

    assert f'href="/reviews/{review.id}/report"' in booking


async def test_a_reader_returns_from_a_report_to_where_the_review_stands(world: World) -> None:
    job = await world.approved()
    of_developer, of_client = await world.from_client(job), await world.from_developer(job)
    other, _ = await world.app.client("Rohan Deshpande")
    reader = await world.browser(other)
    colleague = await world.app.developer("Ananya Iyer")
    account = await world.app.store.repositories.accounts.get(AccountId(colleague.account_id))

    _, of_profile = await reader.look(f"/reviews/{of_developer.id}/report")
    developers = await world.browser(account)
    _, of_booking = await developers.look(f"/reviews/{of_client.id}/report")

    assert f'<a class="fine start" href="/developers/{world.developer.id}/reviews">' in of_profile
    assert '<a class="fine start" href="/dashboard">' in of_booking


async def test_a_reported_threat_freezes_the_weight_until_it_is_decided(world: World) -> None:
    job = await world.approved()
    review = await world.from_client(job, 1, text="One star.")
    await world.from_developer(job)
    admin = await world.browser(await world.app.admin())
    developer = await world.browser(await world.developer_account())
    path = f"/bookings/{job.booking_id}/threat"

    await developer.look(path)
    sent, _ = await post(developer, path, reason="Pay back half, or one star.")
    frozen = await world.page(f"/developers/{world.developer.id}")
    counted = (await world.feedback.summary(world.developer.id)).count
    _, reports = await admin.look("/admin/reviews")
    report = reports.partition("/admin/reviews/")[2].partition("/decide")[0]
    await post(admin, f"/admin/reviews/{report}/decide", outcome="kept")

    assert sent == 200 and counted == 0
    assert "One star." in frozen and "Being checked" in frozen
    assert (await world.feedback.shown(review.id, to=world.client)).counts
    assert (await world.feedback.summary(world.developer.id)).hundredths == 100


async def test_the_api_writes_replies_lists_and_reports(world: World) -> None:
    job = await world.approved()
    client = await world.browser(world.client)
    developer = await world.browser(await world.developer_account())

    async def send(browser: Any, path: str, **body: object) -> tuple[int, Any]:
        headers = {"X-CSRF-Token": browser.token}
        answer = await browser.ask("POST", f"/api/v1{path}", json=body, headers=headers)
        return answer.status_code, await answer.get_json()

    opinion = {"job_id": job.id, "rating": 5, "text": "Clear."}
    _, unknown = await send(client, "/feedback", **opinion, aspects={"beauty": 5})
    made, review = await send(client, "/feedback", **opinion, aspects={"on_time": 4})
    twice, refusal = await send(client, "/feedback", **opinion)
    absent, _ = await send(client, "/feedback", **{**opinion, "job_id": "job_none"})
    sealed = await (await developer.ask("GET", f"/api/v1/jobs/{job.id}/feedback")).get_json()
    await send(developer, "/feedback", job_id=job.id, rating=4, text="Prepared.")
    await send(developer, f"/feedback/{review['id']}/reply", text=THANKS)
    reported, report = await send(developer, f"/feedback/{review['id']}/report", reason="Untrue.")
    threat, _ = await send(client, "/feedback/threats", job_id=job.id, reason="Pay or else.")
    found = await (
        await client.ask("GET", f"/api/v1/developers/{world.developer.id}/feedback")
    ).get_json()

    assert unknown["errors"] == [
        {"field": "aspects", "message": "Rate only explains, on_time, as_agreed."}
    ]
    assert made == 201 and review["state"] == "sealed" and review["aspects"] == {"on_time": 4}
    assert (twice, refusal["code"]) == (409, "already_reviewed")
    assert absent == 404
    assert sealed["theirs"] is None and sealed["mine"] is None
    assert (reported, report["kind"], threat) == (201, "content", 201)
    (item,) = found["items"]
    assert (item["text"], item["reply"]["text"], item["counted"]) == ("Clear.", THANKS, True)
    assert found["summary"] == {
        "average": 5.0,
        "count": 1,
        "stars": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1},
        "aspects": {"on_time": 4.0},
    }


async def test_strangers_see_no_review_of_a_job(world: World) -> None:
    job = await world.app.delivered(world.client, world.developer)
    stranger, _ = await world.app.client("Ravi Iyer")
    browser = await world.browser(stranger)

    api = await browser.ask("GET", f"/api/v1/jobs/{job.id}/feedback")
    page, _ = await browser.look(f"/bookings/{job.booking_id}/review")
    admin, _ = await browser.look("/admin/reviews")

    assert (api.status_code, page.status_code) == (404, 404)
    assert admin.status_code in (403, 404)


async def test_dashboards_and_the_overview_say_what_waits(world: World) -> None:
    job = await world.approved()
    before = await world.page("/dashboard", world.client)
    await world.from_client(job)
    after = await world.page("/dashboard", world.client)
    of_developer = await world.page("/dashboard", await world.developer_account())
    await world.moderation.report_threat(JobId(job.id), by=world.client.id, reason="Pay.")
    overview = await world.page("/admin", await world.app.admin())

    link = f"/bookings/{job.booking_id}/review"
    assert "Reviews to write" in before and link in before
    assert "Reviews to write" not in after
    assert link in of_developer
    assert "Reported reviews" in overview and 'href="/admin/reviews"' in overview


async def test_developers_read_about_a_client_who_books_and_others_do_not(world: World) -> None:
    review = await world.from_developer(job := await world.approved(), 2, "Came late twice.")
    await world.from_client(job)
    booking = await world.app.paid(world.client, world.developer, starts_in=timedelta(days=20))
    stranger, _ = await world.app.client("Ravi Iyer")
    reader = await world.browser(stranger)

    of_developer = await world.page(f"/bookings/{booking.id}", await world.developer_account())
    of_client = await world.page(f"/bookings/{booking.id}", world.client)
    foreign, _ = await reader.look(f"/reviews/{review.id}/report")

    assert "What developers say about Meera" in of_developer and "Came late twice." in of_developer
    assert "What developers say" not in of_client
    assert foreign.status_code == 404
