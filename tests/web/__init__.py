"""The web layer on memory adapters; each capability's tests and samples are in its folder."""
