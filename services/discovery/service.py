"""Pictures for links to profiles, and the published profiles in parts."""

from __future__ import annotations

from dataclasses import dataclass

from core.developers import Developer, DeveloperId
from core.errors import NotFound
from ports.formats import Formats
from ports.link_previews import LinkPreview, LinkPreviews
from ports.store import Store

PART_SIZE = 1000
"""Profiles in one part, about: a sitemap may have 50,000 (sitemaps.org), but each is one read."""
PARTS_MAXIMUM = 32_768
"""A sitemap index may have 50,000 parts."""
PART_LIMIT = 8 * PART_SIZE
"""The most that one read returns, if the number of profiles was estimated far too low."""
OLDER_PARTS = 4
"""Crawlers may ask for the parts of an older index, when there were fewer profiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryService:
    """For people and programs of other sites; knows only what is published."""

    store: Store
    previews: LinkPreviews
    formats: Formats

    def preview_of(self, developer: Developer) -> LinkPreview:
        """What the picture of the profile shows, with the price in the locale of the site."""
        price = f"{self.formats.money(developer.rate, whole=True)} per hour"
        return LinkPreview(developer.name, developer.headline, price)

    async def draw(self, preview: LinkPreview) -> bytes:
        """The picture, PNG. Raises `PreviewsBusy`."""
        return await self.previews.draw(preview)

    async def parts(self) -> int:
        """Into how many parts the published profiles are divided now: a power of two."""
        count = await self.store.repositories.developers.published_count()
        return min(1 << max(0, (count - 1) // PART_SIZE).bit_length(), PARTS_MAXIMUM)

    async def part(self, number: int, *, parts: int) -> tuple[DeveloperId, ...]:
        """The ids of one part, numbered from 0. Raises `NotFound` for a division that was not in
        use lately."""
        is_power = parts > 0 and parts & (parts - 1) == 0
        if not (is_power and 0 <= number < parts <= PARTS_MAXIMUM):
            raise NotFound
        if parts * OLDER_PARTS < await self.parts():
            raise NotFound
        return await self.store.repositories.developers.published_part(
            number, parts=parts, limit=PART_LIMIT
        )
