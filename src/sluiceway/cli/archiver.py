"""``sluiceway archiver``: what ``serve`` starts when there is something to archive; not for people."""

import asyncio
import logging
import signal
import socket
import sys

import click
import msgspec

from sluiceway.app.archiver import Archiver
from sluiceway.app.server import set_up_logging
from sluiceway.settings import Settings


@click.command(hidden=True)
@click.argument("link", type=int)
def archiver(link: int) -> None:
    """Keep the open tables of a server, over a socket that was inherited from it."""
    settings = msgspec.json.decode(sys.stdin.buffer.read(), type=Settings)
    set_up_logging(settings)
    logging.getLogger("pyiceberg").setLevel(logging.WARNING)
    # A terminal sends its signal to every process; the server decides when this one ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    connection = socket.socket(fileno=link)
    connection.set_inheritable(False)

    async def run() -> None:
        await Archiver(settings, connection).run()

    asyncio.run(run())
