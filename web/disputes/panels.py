"""The way from the pages of a booking and a delivery to the case, or to "Something is wrong", and
the numbers of the overview of administrators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import render_template

from core.jobs import FROZEN, Job, Status
from web.disputes.wording import BADGES, waiting_words
from web.shared.context import services

COUNTED_AT_MOST = 1000
"""Of each state."""


async def job_panel(facts: Mapping[str, object]) -> str | None:
    """Nothing before the payment, and nothing once everything is over without a case."""
    job = cast(Job | None, facts["job"])
    if job is None:
        return None
    over = job.status in (Status.APPROVED, Status.CANCELLED)
    dispute = await services().disputes.of_job(job.id)
    if over and dispute is None:
        return None
    frozen = job.status in FROZEN
    return await render_template(
        "disputes/_panel.html", job=job, dispute=dispute, frozen=frozen, over=over, badges=BADGES
    )


async def overview(facts: Mapping[str, object]) -> str:
    """The open cases, by what they wait for."""
    decisions = services().decisions
    counts = await decisions.counts(at_most=COUNTED_AT_MOST)
    oldest, _ = await services().dispute_lists.page(limit=1)
    return await render_template(
        "disputes/_overview.html",
        counts=waiting_words(counts),
        total=sum(counts.values()),
        oldest=oldest[0] if oldest else None,
        most=COUNTED_AT_MOST,
    )
