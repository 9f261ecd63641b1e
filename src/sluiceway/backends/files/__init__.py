"""The contents of files in a local folder."""
