"""What all web capabilities share."""
