"""Formats by locale, with Babel."""

from adapters.babel.formats import BabelFormats

__all__ = ["BabelFormats"]
