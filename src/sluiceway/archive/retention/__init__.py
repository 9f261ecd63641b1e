"""What of a stream is kept, and for how long."""
