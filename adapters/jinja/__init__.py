"""E-mails and documents, with Jinja2."""

from adapters.jinja.templates import JinjaTemplates

__all__ = ["JinjaTemplates"]
