"""Jobs: deliveries, changes, approval."""
