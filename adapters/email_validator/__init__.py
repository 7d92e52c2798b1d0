"""E-mail addresses checked by the library email-validator."""
