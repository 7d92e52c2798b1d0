"""The ratings of developers, which a capability with `rates_developers` stores."""

from __future__ import annotations

from dataclasses import replace

from core.developers import Developer, DeveloperId, Rating
from ports.store import Repositories


async def rate_developer(
    repositories: Repositories, developer_id: DeveloperId, rating: Rating
) -> Developer:
    """Store the rating with the profile, in the transaction of the repositories, so that search
    filters and sorts by it. Raises `Missing`."""
    developer = await repositories.developers.get(developer_id)
    if developer.rating == rating:
        return developer
    return await repositories.developers.save(replace(developer, rating=rating))
