"""Publishing: decode, check, append, acknowledge, through two doors with one result."""
