"""A record log that another process has, and what else goes between the two."""
