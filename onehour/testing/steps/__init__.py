"""Steps that bring an application in memory into the usual states."""
