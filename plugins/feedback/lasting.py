"""What stays of feedback while the plugin is not enabled at all: what is stored about people, for
their exports and erasures."""

from __future__ import annotations

from plugins.api import Capability, implements
from plugins.feedback.model import EXCHANGES, REVIEWS
from plugins.feedback.personal_data import FeedbackData
from plugins.feedback.reports import REPORTS
from plugins.feedback.summary import SUMMARIES

DOCUMENTS = (EXCHANGES, REVIEWS, SUMMARIES, REPORTS)


class FeedbackRecords:
    @implements
    def onehour_capabilities(self) -> list[Capability]:
        capability = Capability(
            name="feedback",
            build=lambda dependencies, built: {},
            personal_data=FeedbackData(),
            documents=DOCUMENTS,
        )
        return [capability]
