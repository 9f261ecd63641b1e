"""SQL over streams: what may be asked, of what, and what becomes of the answer."""
