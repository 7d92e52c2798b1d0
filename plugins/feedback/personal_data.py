"""What reviews say about people.

The export has the own reviews, those about oneself that are shown, and the own reports. Erasure
takes name, text and replies of the person away; the stars stay, since the numbers about the other
side rest on them and name nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from plugins.api import ERASED_NAME, PersonalData, Repositories, Subject
from plugins.feedback.model import EXCHANGES, REVIEWS, Exchange, State, Writer
from plugins.feedback.reports import REPORTS

ERASED_TEXT = ""


class FeedbackData(PersonalData):
    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        reviews, account = repositories.documents(REVIEWS), subject.account.id
        return {
            "reviews": [each async for each in reviews.each(author=account)],
            "reviews_about_you": [
                each
                async for each in reviews.each(about_account=account)
                if each.state is State.SHOWN
            ],
            "review_reports": [
                each async for each in repositories.documents(REPORTS).each(reporter=account)
            ],
        }

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        reviews, account = repositories.documents(REVIEWS), subject.account.id
        written = [each async for each in reviews.each(author=account)]
        for review in written:
            opinion = replace(review.opinion, text=ERASED_TEXT)
            await reviews.save(replace(review, author_name=ERASED_NAME, opinion=opinion))
        about = [each async for each in reviews.each(about_account=account)]
        for review in about:
            await reviews.save(replace(review, about_name=ERASED_NAME, reply=ERASED_TEXT))
        reports = repositories.documents(REPORTS)
        for report in [each async for each in reports.each(reporter=account)]:
            await reports.save(replace(report, reason=ERASED_TEXT))
        await self._erase_names(repositories, account)

    async def _erase_names(self, repositories: Repositories, account: str) -> None:
        exchanges = repositories.documents(EXCHANGES)
        for writer in Writer:
            path = f"{writer}.account_id"
            found = [each async for each in exchanges.each(**{path: account})]
            for exchange in found:
                await exchanges.save(_without_name(exchange, writer))


def _without_name(exchange: Exchange, writer: Writer) -> Exchange:
    if writer is Writer.CLIENT:
        return replace(exchange, client=replace(exchange.client, name=ERASED_NAME))
    return replace(exchange, developer=replace(exchange.developer, name=ERASED_NAME))
