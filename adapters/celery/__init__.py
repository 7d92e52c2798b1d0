"""Waking and spreading owed work through Celery and Redis."""
