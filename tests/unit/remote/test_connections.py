"""Connections that go from one process to another, with what was read of them."""

import asyncio
import random
import socket

from sluiceway.backends.remote.connections import ConnectionReceiver, ConnectionSender


async def test_each_connection_arrives_with_its_own_bytes() -> None:
    chance = random.Random(1)
    left, right = socket.socketpair()
    arrived: asyncio.Queue[tuple[socket.socket, bytes]] = asyncio.Queue()
    receiver = ConnectionReceiver(right, lambda *one: arrived.put_nowait(one))
    sender = ConnectionSender(left)
    clients = []
    sizes = [0, 1, 65_531, 65_532, 65_533, 1_000_000, *(chance.randrange(9_000) for _ in range(60))]
    for number, size in enumerate(sizes):
        client, server = socket.socketpair()
        clients.append(client)
        sender.give(server.fileno(), bytes([number]) * size)
        server.close()
    async with asyncio.timeout(10):
        taken = [await arrived.get() for _ in sizes]

    for number, (size, client, (server, data)) in enumerate(
        zip(sizes, clients, taken, strict=True)
    ):
        assert data == bytes([number]) * size
        server.sendall(b"%d" % number)
        assert client.recv(10) == b"%d" % number
        server.close()
        client.close()
    await sender.emptied()
    receiver.close()
    left.close()


async def test_connections_for_a_process_that_is_gone_are_cut() -> None:
    left, right = socket.socketpair()
    sender = ConnectionSender(left)
    right.close()
    client, server = socket.socketpair()
    sender.give(server.fileno(), b"GET")
    server.close()

    assert client.recv(1) == b""
    client.close()
    left.close()
