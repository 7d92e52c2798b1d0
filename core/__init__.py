"""The pure domain: what may be, and what follows. Standard library only."""
