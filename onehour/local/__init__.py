"""Local servers for development: child processes that speak the real protocols."""
