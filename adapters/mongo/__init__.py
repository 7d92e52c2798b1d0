"""The store in MongoDB or a compatible database, one module per repository."""
