"""Records as columns: canonical lines to Arrow and back, nothing lost in either direction.

Nothing here knows a stream, a file or a table; ``columns`` is the way in.
"""
