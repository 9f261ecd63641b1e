"""What one wants to know of a stream besides its records."""
