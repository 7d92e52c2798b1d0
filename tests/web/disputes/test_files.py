"""Files of cases: in the forms of its pages, without scripts, and in the API."""

from __future__ import annotations

from core.files import Purpose
from tests.app import MemoryApp
from tests.builders.files import final, uploaded
from tests.services.test_disputes import a_case
from tests.web.disputes.test_pages import both, page, send
from tests.web.notifications.lists import browser_of
from web.shared.cookies import HEADER

API = "/api/v1"


async def test_a_case_is_opened_with_files_that_were_sent_before(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    job = await app.delivered(meera, lucia)
    browser = await browser_of(app, meera)
    path = f"/jobs/{job.id}/problem"
    log = await final(app, meera.id, purpose=Purpose.EVIDENCE, name="log.txt")
    late = await uploaded(app, meera.id, purpose=Purpose.EVIDENCE, name="late.txt")
    form = {"why": "other", "wish": "all", "text": "See the log."}

    assert "log.txt" in await page(browser, path)
    again = await send(browser, path, 409, **form, files=late)
    assert "late.txt is still being checked" in again
    assert "does not exist" in await send(browser, path, 422, **form, files="fil_unknown")
    await send(browser, path, 303, **form, files=log.id)

    dispute = await app.services.disputes.of_job(job.id)
    assert dispute
    assert dispute.statements[0].files == (log.id,)
    shown = await page(browser, f"/disputes/{dispute.id}")
    assert "log.txt Text" in shown
    assert "The first line." in shown


async def test_the_other_side_answers_with_a_file_and_adds_evidence_afterwards(
    app: MemoryApp,
) -> None:
    case = await a_case(app)
    meera, lucia = await both(case)
    path = f"/disputes/{case.dispute.id}"
    first = await final(app, case.lucia_id, purpose=Purpose.EVIDENCE, name="answer.txt")
    second = await final(app, case.lucia_id, purpose=Purpose.EVIDENCE, name="more.txt")

    before = await page(lucia, path)
    await send(lucia, f"{path}/answer", 303, wish="nothing", text="It is right.", files=first.id)
    asked = await page(lucia, path)
    refused = await send(lucia, f"{path}/evidence", 422, evidence="This.", files=first.id)
    await send(lucia, f"{path}/evidence", 303, evidence="This.", files=second.id)

    assert "Files go with your answer" in before
    assert "Files go with your answer" not in asked
    assert "answer.txt is already in use" in refused
    seen = await page(meera, path)
    assert "answer.txt Text" in seen
    assert "more.txt Text" in seen


async def test_an_administrator_sees_the_files_of_both_and_those_delivered(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    booking = await app.confirmed(meera, lucia)
    report = await final(app, lucia.account_id, name="report.txt")
    job = await app.services.jobs.deliver(
        (await app.job(booking)).id, by=lucia.account_id, note="Done.", files=[report.id]
    )
    log = await final(app, meera.id, purpose=Purpose.EVIDENCE, name="log.txt")
    browser = await browser_of(app, meera)
    opening = {"why": "other", "wish": "all", "text": "It is wrong.", "files": log.id}
    await send(browser, f"/jobs/{job.id}/problem", 303, **opening)
    dispute = await app.services.disputes.of_job(job.id)
    assert dispute

    asha = await browser_of(app, await app.admin())
    shown = await page(asha, f"/admin/disputes/{dispute.id}")

    assert "log.txt Text" in shown
    assert "report.txt Text" in shown
    for file in (log, report):
        assert (await asha.ask("GET", f"/files/{file.id}")).status_code == 303


async def test_the_api_opens_and_answers_with_files(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    job = await app.delivered(meera, lucia)
    browser = await browser_of(app, meera)
    log = await final(app, meera.id, purpose=Purpose.EVIDENCE, name="log.txt")

    answer = await browser.ask(
        "POST",
        f"{API}/jobs/{job.id}/dispute",
        json={
            "reason": "other", "wish": {"kind": "all"}, "text": "It is wrong.", "files": [log.id],
        },
        headers={HEADER: browser.token},
    )  # fmt: skip

    opened = await answer.get_json()
    assert answer.status_code == 201
    (said,) = opened["statements"]
    assert [file["name"] for file in said["files"]] == ["log.txt"]
