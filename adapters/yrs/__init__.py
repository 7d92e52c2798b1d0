"""Shared texts, with Yrs: the library of Yjs in Rust, by its Python binding pycrdt."""

from adapters.yrs.texts import YrsTexts

__all__ = ["YrsTexts"]
