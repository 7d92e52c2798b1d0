"""How third parties extend the house: one door, for strangers and for ourselves."""
