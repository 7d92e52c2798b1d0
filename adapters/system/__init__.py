"""What the machine itself gives: the time, chance, and slow hashes."""
