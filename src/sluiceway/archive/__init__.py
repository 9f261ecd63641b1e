"""Moving records from the log into open tables."""
