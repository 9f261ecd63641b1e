"""Whose address counts behind a proxy."""

import sqlite3
from contextlib import closing
from typing import Any

import httpx
import pytest

from fixtures.server import ADMIN_PASSWORD, ServerProcess, sign_in

SESSIONS = "/multipass/api/sessions"
LIMIT = 2


def start(server: ServerProcess, proxies: str) -> ServerProcess:
    server.environment["SLUICEWAY_ACCESS__SIGN_IN_ATTEMPTS_PER_ORIGIN"] = str(LIMIT)
    server.environment["SLUICEWAY_SERVER__TRUSTED_PROXIES"] = proxies
    return server.start()


def wrong_password(server: ServerProcess, username: str, *forwarded: str) -> int:
    headers = [("X-Forwarded-For", one) for one in forwarded]
    body = {"username": username, "password": "wrong"}
    return httpx.post(f"{server.url}{SESSIONS}", json=body, headers=headers).status_code


def origins(server: ServerProcess) -> list[Any]:
    with closing(sqlite3.connect(server.data_dir / "sluiceway.db")) as connection:
        query = "SELECT origin FROM audit_events WHERE action = 'session.started' ORDER BY event_id"
        return [row[0] for row in connection.execute(query)]


def sign_in_through(server: ServerProcess, *forwarded: str) -> None:
    headers = [("X-Forwarded-For", one) for one in forwarded]
    body = {"username": "admin", "password": ADMIN_PASSWORD}
    answer = httpx.post(f"{server.url}{SESSIONS}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text


def test_clients_behind_a_trusted_proxy_are_told_apart(own_server: ServerProcess):
    server = start(own_server, "10.0.0.0/8, 127.0.0.1")

    guesses = [wrong_password(server, f"user{n}", "198.51.100.7") for n in range(LIMIT + 1)]
    other = wrong_password(server, "user", "198.51.100.8")
    sign_in_through(server, "198.51.100.9")

    assert guesses == [401] * LIMIT + [429]
    assert other == 401
    assert origins(server) == ["198.51.100.9"]


def test_the_last_address_that_is_no_proxys_counts(own_server: ServerProcess):
    cases: list[tuple[list[str], str]] = [
        (["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
        (["203.0.113.1, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        (["203.0.113.1", "198.51.100.7"], "198.51.100.7"),
        (["198.51.100.7:4711"], "198.51.100.7"),
        (["2001:db8::7"], "2001:db8::7"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
        (["x" * 300], "x" * 255),
    ]
    server = start(own_server, "10.0.0.0/8,127.0.0.1")

    for forwarded, _ in cases:
        sign_in_through(server, *forwarded)

    assert origins(server) == [origin for _, origin in cases]


@pytest.mark.parametrize("proxies", ["", "192.0.2.1"])
def test_the_header_of_anybody_else_is_not_believed(own_server: ServerProcess, proxies: str):
    server = start(own_server, proxies)

    guesses = [wrong_password(server, f"user{n}", f"198.51.100.{n}") for n in range(LIMIT + 1)]

    assert guesses == [401] * LIMIT + [429]


def test_without_a_proxy_the_address_of_the_connection_is_kept(own_server: ServerProcess):
    server = start(own_server, "")

    sign_in(server.url)

    assert origins(server) == ["127.0.0.1"]
