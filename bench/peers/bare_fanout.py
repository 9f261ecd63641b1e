"""The least that a fan-out costs: each line that comes in is written to all who watch.

python bare_fanout.py PORT
"""

import asyncio
import sys

import uvloop

watchers: set[asyncio.StreamWriter] = set()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take ``WATCH``, or ``PUBLISH`` and a record, until the client goes."""
    while line := await reader.readline():
        word, _, record = line.partition(b" ")
        if word == b"PUBLISH":
            event = b"event: records\nid: 0\ndata: " + record + b"\n"
            for watcher in watchers:
                watcher.write(event)
            writer.write(b"\n")
        else:
            watchers.add(writer)
            writer.write(b"event: start\n\n")
    watchers.discard(writer)


async def main(port: int) -> None:
    """Listen until killed."""
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=2_048)
    await server.serve_forever()


uvloop.run(main(int(sys.argv[1])))
