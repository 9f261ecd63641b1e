"""Implementations of what the domains need; they do not know each other."""
