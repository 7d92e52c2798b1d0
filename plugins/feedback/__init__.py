"""Feedback: sealed reviews of both sides after an approved job."""

from plugins.feedback.plugin import Feedback

__all__ = ["Feedback"]
