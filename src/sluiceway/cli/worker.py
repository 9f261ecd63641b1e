"""``sluiceway worker``: what ``serve`` starts more of; not for people."""

import socket
import sys

import click
import msgspec
import uvloop

from sluiceway.app.server import set_up_logging
from sluiceway.app.worker import Worker
from sluiceway.settings import Settings


@click.command(hidden=True)
@click.argument("link", type=int)
@click.argument("passing", type=int)
@click.argument("listeners", type=int, nargs=-1, required=True)
def worker(link: int, passing: int, listeners: tuple[int, ...]) -> None:
    """Answer publishes for a server, over sockets that were inherited from it."""
    settings = msgspec.json.decode(sys.stdin.buffer.read(), type=Settings)
    set_up_logging(settings)
    sockets = [socket.socket(fileno=number) for number in (link, passing, *listeners)]
    for each in sockets:
        each.set_inheritable(False)

    async def run() -> None:
        await Worker(settings, sockets[0], sockets[1], sockets[2:]).run()

    uvloop.run(run())
