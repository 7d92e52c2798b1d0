"""The way from the pages of a booking and a delivery to the case, or to "Something is wrong"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import render_template

from core.jobs import FROZEN, Job, Status
from web.disputes.wording import BADGES
from web.shared.context import services


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
