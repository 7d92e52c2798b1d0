"""Campaigns: e-mails of the site to people who agreed to them. Enabled by ONEHOUR_PLUGINS."""

from plugins.campaigns.plugin import Campaigns

__all__ = ["Campaigns"]
