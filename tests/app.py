"""The application on the memory adapters, as tests import it."""

from onehour.testing.application import (
    ALL_DAY,
    CALLER,
    MONDAY,
    PASSWORD,
    SITE,
    SUPPORT,
    MemoryApp,
    memory_app,
    templates,
)

__all__ = [
    "ALL_DAY",
    "CALLER",
    "MONDAY",
    "PASSWORD",
    "SITE",
    "SUPPORT",
    "MemoryApp",
    "memory_app",
    "templates",
]
