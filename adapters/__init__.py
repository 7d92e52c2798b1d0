"""How the promises of the ports are kept: one folder per means."""
