"""Tables of files, read with pyarrow by processes that have nothing else to do."""
