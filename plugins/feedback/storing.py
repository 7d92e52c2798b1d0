"""Writes of reviews: the numbers about a profile change in the same transaction as its reviews."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from plugins.api import DeveloperId, Duplicate, Repositories, Store, rate_developer, transact
from plugins.feedback.model import REVIEWS, Review, Writer
from plugins.feedback.summary import SUMMARIES, Summary

T = TypeVar("T")


async def transact_again(store: Store, step: Callable[[Repositories], Awaitable[T]]) -> T:
    """As `transact`, and again when somebody else has just added the same document. Its step looks
    for what it adds."""
    while True:
        try:
            return await transact(store, step)
        except Duplicate:
            continue


async def replace_review(repositories: Repositories, before: Review, after: Review) -> Review:
    """Save a changed review, and the numbers if it begins or ceases to count."""
    saved = await repositories.documents(REVIEWS).save(after)
    change = after.counts - before.counts
    if change:
        await _count(repositories, after, change)
    return saved


async def _count(repositories: Repositories, review: Review, change: int) -> None:
    summaries = repositories.documents(SUMMARIES)
    stored = await summaries.find(review.about)
    summary = (stored or Summary(review.about)).changed(review, change)
    await (summaries.save(summary) if stored else summaries.add(summary))
    if review.writer is Writer.CLIENT:
        await rate_developer(repositories, DeveloperId(review.about), summary.rating)
