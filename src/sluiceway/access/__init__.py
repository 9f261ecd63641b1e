"""Who calls and what they may: principals, applications, tokens, scopes, roles."""
