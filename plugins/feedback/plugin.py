"""The hooks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plugins.api import (
    BookingId,
    Built,
    Capability,
    Dependencies,
    PluginContext,
    WebCapability,
    implements,
)
from plugins.feedback.activity import FeedbackActivity
from plugins.feedback.demo import write_demo
from plugins.feedback.lasting import DOCUMENTS, FeedbackRecords
from plugins.feedback.messages import InviteToReview, RemindToReview, ShowReviews
from plugins.feedback.moderation import ModerationService
from plugins.feedback.notices import NOTICES
from plugins.feedback.personal_data import FeedbackData
from plugins.feedback.service import FeedbackService
from plugins.feedback.settings import FeedbackSettings
from plugins.feedback.web import web

APPROVED, MOVED = "approved", "moved"
"""Words of the timeline."""


class Feedback:
    lasting = FeedbackRecords

    @implements
    def onehour_settings(self) -> type[FeedbackSettings]:
        return FeedbackSettings

    @implements
    def onehour_capabilities(self, context: PluginContext) -> list[Capability]:
        settings = context.settings(FeedbackSettings)

        def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
            d = dependencies
            feedback = FeedbackService(store=d.store, clock=d.clock, settings=settings)
            moderation = ModerationService(
                store=d.store, clock=d.clock, ids=d.ids, feedback=feedback
            )
            return {"feedback": feedback, "feedback_moderation": moderation}

        capability = Capability(
            name="feedback",
            build=build,
            personal_data=FeedbackData(),
            documents=DOCUMENTS,
            messages=(InviteToReview, RemindToReview, ShowReviews),
            notices=NOTICES,
            activity=FeedbackActivity,
            templates=Path(__file__).parent / "templates",
            rates_developers=True,
            demo=write_demo,
        )
        return [capability]

    @implements
    def onehour_web(self, context: PluginContext) -> list[WebCapability]:
        return [web(context)]

    @implements
    async def onehour_booking_event(
        self, event: str, facts: Mapping[str, str], context: PluginContext
    ) -> None:
        feedback, booking_id = context.service(FeedbackService), BookingId(facts["booking"])
        if event == APPROVED:
            await feedback.invite(booking_id)
        elif event == MOVED:
            await feedback.follow_move(booking_id)
