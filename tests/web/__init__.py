"""The web layer by itself, over the house on memory adapters."""
