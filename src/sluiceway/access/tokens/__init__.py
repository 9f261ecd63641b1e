"""Tokens: issue, check, list, disable, revoke; signing in."""
