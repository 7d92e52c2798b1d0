"""The routes of reviews: who may call them; no other site can; and what people type is text."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import escape

from core.accounts import Account
from core.jobs import Job, JobId
from plugins.feedback.model import Review
from tests.plugins.feedback.world import World
from tests.web.test_inputs import HOSTILE

PARTIES = ("client", "developer")


class Case:
    """A job with both reviews, one of them reported, and a second job to review."""

    def __init__(self, world: World, job: Job, review: Review, report: str, open_job: Job) -> None:
        self.world, self.open_job = world, open_job
        self.names = {
            "developer": world.developer.id,
            "booking": job.booking_id,
            "job": job.id,
            "review": review.id,
            "report": report,
        }

    async def people(self) -> dict[str, Account | None]:
        stranger, _ = await self.world.app.client("Ravi Iyer")
        return {
            "visitor": None,
            "stranger": stranger,
            "client": self.world.client,
            "developer": await self.world.developer_account(),
            "admin": await self.world.app.admin(),
        }


@pytest.fixture
async def case(world: World) -> Case:
    job, open_job = await world.approved(), await world.approved()
    review = await world.from_client(job)
    await world.from_developer(job)
    made = await world.moderation.report_threat(
        JobId(job.id), by=job.developer.account_id, reason="Pay back."
    )
    return Case(world, job, review, made.id, open_job)


READS = {
    "/developers/{developer}/reviews": {"visitor", "stranger", "client", "developer", "admin"},
    "/api/v1/developers/{developer}/feedback": {
        "visitor", "stranger", "client", "developer", "admin",
    },
    "/bookings/{booking}/review": {"client", "developer"},
    "/bookings/{booking}/threat": {"client", "developer"},
    "/api/v1/jobs/{job}/feedback": {"client", "developer"},
    "/reviews/{review}/reply": {"developer"},
    "/reviews/{review}/report": {"stranger", "developer", "admin"},
    "/admin/reviews": {"admin"},
    "/api/v1/admin/feedback": {"admin"},
}  # fmt: skip
WRITES = (
    "/bookings/{booking}/review",
    "/bookings/{booking}/threat",
    "/reviews/{review}/reply",
    "/reviews/{review}/report",
    "/admin/reviews/{report}/decide",
    "/api/v1/feedback",
    "/api/v1/feedback/threats",
    "/api/v1/feedback/{review}/reply",
    "/api/v1/feedback/{review}/report",
    "/api/v1/admin/feedback/{report}/decide",
)


async def test_each_page_and_list_is_read_by_those_it_is_for(case: Case) -> None:
    found: dict[str, set[str]] = {path: set() for path in READS}
    for name, account in (await case.people()).items():
        browser = await case.world.browser(account)
        for path in READS:
            answer = await browser.ask("GET", path.format(**case.names))
            assert answer.status_code in (200, 303, 401, 403, 404), path
            found[path] |= {name} if answer.status_code == 200 else set()

    assert found == READS


async def test_nothing_is_written_without_the_token_of_a_form(case: Case) -> None:
    for account in (case.world.client, await case.world.app.admin()):
        browser = await case.world.browser(account)
        before = case.world.app.store._tables.changes  # type: ignore[attr-defined]
        for path in WRITES:
            answer = await browser.ask("POST", path.format(**case.names), json={"text": "x"})
            assert answer.status_code == 403, path
        assert case.world.app.store._tables.changes == before  # type: ignore[attr-defined]


async def test_only_administrators_decide(case: Case) -> None:
    for account in (case.world.client, await case.world.developer_account()):
        browser = await case.world.browser(account)
        for path in ("/admin/reviews/{report}/decide", "/api/v1/admin/feedback/{report}/decide"):
            answer = await browser.ask(
                "POST",
                path.format(**case.names),
                json={"outcome": "removed"},
                headers={"X-CSRF-Token": browser.token},
            )
            assert answer.status_code in (403, 404), path

    assert await case.world.moderation.waiting(limit=9) == 1


async def test_what_people_write_is_text(case: Case) -> None:
    world, text = case.world, " ".join(HOSTILE)
    job = case.open_job
    review = await world.from_client(job, text=text)
    await world.from_developer(job, text=text)
    await world.feedback.reply(review.id, by=job.developer.account_id, text=text)
    await world.moderation.report(review.id, by=await world.developer_account(), reason=text)

    pages = [
        await world.page(f"/developers/{world.developer.id}/reviews"),
        await world.page(f"/bookings/{job.booking_id}", world.client),
        await world.page("/admin/reviews", await world.app.admin()),
    ]

    for html in pages:
        assert html.count(str(escape(text))) >= 2
        assert text not in html and "31337000" not in html


async def test_unknown_fields_are_refused(case: Case) -> None:
    browser = await case.world.browser(case.world.client)
    body: dict[str, Any] = {"job_id": case.open_job.id, "rating": 5, "text": "Clear."}

    async def status(**more: object) -> int:
        headers = {"X-CSRF-Token": browser.token}
        answer = await browser.ask(
            "POST", "/api/v1/feedback", json={**body, **more}, headers=headers
        )
        return int(answer.status_code)

    assert [
        await status(frozen=False),
        await status(rating="5"),
        await status(rating=True),
        await status(rating={"$gt": 0}),
        await status(aspects={"on_time": 9}),
        await status(),
    ] == [422, 422, 422, 422, 422, 201]
