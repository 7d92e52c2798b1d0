"""Inspection of uploaded files in child processes with limits.

`inspector.py` runs in the application and starts one supervisor (`supervisor.py`), a small process
that has loaded the decoders and forks a child for each file. The child (`child.py`) reads the file
and sends parts of an answer (`answers.py`), which the application checks.
"""
