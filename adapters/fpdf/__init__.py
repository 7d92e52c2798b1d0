"""Printed documents by fpdf2, with fonts from npm."""

from adapters.fpdf.printer import FpdfPrinter

__all__ = ["FpdfPrinter"]
