"""What the services need of the outside: Protocols whose docstrings are the contracts."""
