"""Spaces, projects, folders, resources, the roles granted on them, and the trash."""
