"""Stand-ins for trying out: the real protocols, served by child processes on this machine."""
