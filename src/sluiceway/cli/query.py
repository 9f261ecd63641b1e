"""``sluiceway query``: what ``serve`` starts for each query in SQL; not for people."""

import os
import socket

import click

from sluiceway.backends.duckdb.child import run


@click.command(hidden=True)
@click.argument("parent_pid", type=int)
@click.argument("link", type=int)
@click.argument("result", type=int)
@click.argument("source", type=int, required=False)
def query(parent_pid: int, link: int, result: int, source: int | None) -> None:
    """Compute one query for a server, over a socket that was inherited from it."""
    run(
        parent_pid,
        socket.socket(fileno=link),
        os.fdopen(result, "r+b", buffering=0),
        None if source is None else os.fdopen(source, "rb", buffering=0),
    )
