"""What every package stands on: errors, identifiers, wire forms, paging, time."""
