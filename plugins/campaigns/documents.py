"""Everything that campaigns store."""

from __future__ import annotations

from plugins.campaigns.consents import CONSENTS
from plugins.campaigns.model import CAMPAIGNS, PEOPLE, RECIPIENTS
from plugins.campaigns.numbers import CLICK_DAYS, NUMBERS
from plugins.campaigns.returns import POSITIONS

DOCUMENTS = (CAMPAIGNS, RECIPIENTS, PEOPLE, CONSENTS, POSITIONS, NUMBERS, CLICK_DAYS)
