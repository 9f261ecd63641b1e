"""Bodies that other programs' tables are in, turned into lines of JSON: Arrow streams, Avro files.

What comes out goes through the same checks as lines that a client sent; no rule about values is
here, but what a file's type is in JSON. Nothing here knows a caller, a stream or HTTP.
"""
