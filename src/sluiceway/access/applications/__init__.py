"""Third-party applications: register, change, enable, delete."""
