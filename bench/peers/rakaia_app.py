"""Rakaia, a server of the Durable Streams protocol, with its store of files, each write synced."""

import os

from rakaia import JsonlStreamStore, create_app

app = create_app(store=JsonlStreamStore(os.environ["PEER_FOLDER"], fsync=True))
