"""Identity providers: OpenID Connect (such as Google) and GitHub."""
