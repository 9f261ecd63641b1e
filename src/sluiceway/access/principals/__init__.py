"""Users, groups and roles, and the passwords of those who sign in."""
