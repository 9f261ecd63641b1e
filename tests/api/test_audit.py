"""Every change of users, groups, applications, tokens, roles and resources is in the audit table."""

import sqlite3
import time
from contextlib import closing
from typing import Any

from fixtures.api import Api
from fixtures.deeds import Deeds
from fixtures.server import ServerProcess, sign_in

_BY_APPLICATION = {"token.issued", "token.revoked"}
"""Done by the application itself, which shows its own secret."""


class Trail:
    """The audit table of a server, read from outside as an operator would."""

    def __init__(self, server: ServerProcess) -> None:
        self._path = server.data_dir / "sluiceway.db"
        self._seen = 0
        self.new()

    def new(self) -> list[dict[str, Any]]:
        """Give the events since the last look."""
        query = "SELECT * FROM audit_events WHERE event_id > ? ORDER BY event_id"
        with closing(sqlite3.connect(self._path)) as connection:
            connection.row_factory = sqlite3.Row
            events = [dict(row) for row in connection.execute(query, (self._seen,))]
        if events:
            self._seen = events[-1]["event_id"]
        return events


def test_each_change_is_told_with_who_what_when_and_from_where(own_server: ServerProcess):
    api = Api(own_server.start().url, sign_in(own_server.url))
    trail, deeds = Trail(own_server), Deeds(api)
    me = api.ok("GET", "/api/v2/admin/users/getCurrent")["id"]

    for action, deed in deeds.all():
        started_ms = time.time_ns() // 1_000_000
        subject = deed()
        told = [event for event in trail.new() if event["action"] == action]

        assert len(told) == 1, f"{action}: {told}"
        event = told[0]
        assert started_ms <= event["time_ms"] <= time.time_ns() // 1_000_000
        assert event["origin"] == "127.0.0.1"
        if action not in _BY_APPLICATION or "access" not in deeds.made:
            assert (event["actor_id"], event["actor_name"]) == (me, "admin"), action
        assert subject in {event["subject"], event["actor_name"], ""}, action
        assert "secret" not in event["details"].lower()
    api.close()


def test_what_changes_nothing_is_not_told(own_server: ServerProcess):
    api = Api(own_server.start().url, sign_in(own_server.url))
    trail = Trail(own_server)

    api.get("/api/v2/filesystem/spaces?preview=true")
    api.as_(None).post("/multipass/api/sessions", json={"username": "admin", "password": "no"})
    api.post("/multipass/api/clients", json={"displayName": ""})

    assert trail.new() == []
    api.close()
