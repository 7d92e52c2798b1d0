"""Jobs on the web."""
