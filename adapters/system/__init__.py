"""Clock, random ids, authenticator codes and password hashes."""
