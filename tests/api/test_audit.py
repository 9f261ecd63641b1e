"""Every change of users, groups, applications, tokens, roles and resources is in the audit table."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from fixtures.api import SENSOR_SCHEMA, Api, unique
from fixtures.server import ServerProcess, sign_in

_CHANGE = {
    "displayName": "b",
    "clientType": "CONFIDENTIAL",
    "grantTypes": ["CLIENT_CREDENTIALS"],
    "operations": ["api:use-streams-write"],
}
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


class Deeds:
    """Does each thing that can be changed, once; what one needs the ones before it made."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.made: dict[str, Any] = {}

    def _user(self) -> str:
        body = {"username": unique("user").replace(" ", "-"), "password": "a long enough one"}
        self.made["user"] = self.api.ok("POST", "/api/v1/users", json=body)
        return self.made["user"]["id"]

    def _of_user(self, deed: str, body: Any = None) -> str:
        user_id: str = self.made["user"]["id"]
        self.api.ok("POST", f"/api/v1/users/{user_id}/{deed}", json=body)
        return user_id

    def _group(self) -> str:
        body = {"name": unique("group")}
        self.made["group"] = self.api.ok("POST", "/api/v2/admin/groups?preview=true", json=body)
        return self.made["group"]["id"]

    def _members(self, deed: str) -> str:
        group_id: str = self.made["group"]["id"]
        path = f"/api/v2/admin/groups/{group_id}/groupMembers/{deed}?preview=true"
        self.api.ok("POST", path, json={"principalIds": [self.made["user"]["id"]]})
        return group_id

    def _application(self) -> str:
        body = {
            "displayName": unique("application"),
            "clientType": "CONFIDENTIAL",
            "grantTypes": ["CLIENT_CREDENTIALS"],
        }
        self.made["application"] = self.api.ok("POST", "/multipass/api/clients", json=body)
        return self.made["application"]["clientId"]

    def _of_application(self, method: str, path: str, body: Any = None) -> str:
        client_id: str = self.made["application"]["clientId"]
        made = self.api.ok(method, f"/multipass/api/{path.format(client_id)}", json=body)
        if made and made.get("clientSecret"):
            self.made["application"] = made
        return client_id

    def _access_token(self) -> str:
        application = self.made["application"]
        form = {
            "grant_type": "client_credentials",
            "client_id": application["clientId"],
            "client_secret": application["clientSecret"],
        }
        answer = self.api.as_(None).post("/multipass/api/oauth2/token", data=form)
        self.made["access"] = answer.json()["access_token"]
        client_id: str = application["clientId"]
        return client_id

    def _revoke_access_token(self) -> str:
        application = self.made["application"]
        form = {
            "token": self.made["access"],
            "client_id": application["clientId"],
            "client_secret": application["clientSecret"],
        }
        answer = self.api.as_(None).post("/multipass/api/oauth2/revoke_token", data=form)
        assert answer.status_code == 200
        client_id: str = self.made["application"]["clientId"]
        return client_id

    def _token(self) -> str:
        made = self.api.ok("POST", "/multipass/api/tokens", json={"name": "a"})
        self.made["token"] = made["tokenInfo"]["tokenId"]
        return self.made["token"]

    def _of_token(self, deed: str) -> str:
        token_id: str = self.made["token"]
        self.api.ok("POST", f"/multipass/api/tokens/{deed}", json={"tokenId": token_id})
        return token_id

    def _session(self) -> str:
        self.made["session"] = sign_in(self.api.url)
        return ""

    def _end_session(self) -> str:
        session = self.api.as_(self.made["session"])
        session.ok("DELETE", "/multipass/api/sessions/current")
        return ""

    def _revoke_all(self) -> str:
        user_id: str = self.made["user"]["id"]
        self.api.ok("POST", f"/api/v2/admin/users/{user_id}/revokeAllTokens?preview=true")
        return user_id

    def _project(self) -> str:
        self.made["project"] = self.api.new_project()
        return self.made["project"]

    def _replace_project(self) -> str:
        rid: str = self.made["project"]
        path = f"/api/v2/filesystem/projects/{rid}?preview=true"
        self.api.ok("PUT", path, json={"displayName": unique("project")})
        return rid

    def _folder(self) -> str:
        body = {"parentFolderRid": self.made["project"], "displayName": "a"}
        made = self.api.ok("POST", "/api/v2/filesystem/folders?preview=true", json=body)
        self.made["folder"] = made["rid"]
        return self.made["folder"]

    def _roles(self, deed: str) -> str:
        rid: str = self.made["folder"]
        principal = {"type": "principalIdOnly", "principalId": self.made["user"]["id"]}
        body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "viewer"}]}
        self.api.ok("POST", f"/api/v2/filesystem/resources/{rid}/roles/{deed}", json=body)
        return rid

    def _of_resource(self, method: str, deed: str) -> str:
        rid: str = self.made["folder"]
        self.api.ok(method, f"/api/v2/filesystem/resources/{rid}{deed}?preview=true")
        return rid

    def _stream(self) -> str:
        body = {"name": "s", "parentFolderRid": self.made["project"], "schema": SENSOR_SCHEMA}
        made = self.api.ok("POST", "/api/v2/streams/datasets/create?preview=true", json=body)
        self.made["stream"] = made["rid"]
        return self.made["stream"]

    def _branch(self) -> str:
        rid: str = self.made["stream"]
        body = {"branchName": "b", "schema": SENSOR_SCHEMA}
        self.api.ok("POST", f"/api/v2/streams/datasets/{rid}/streams?preview=true", json=body)
        return rid

    def _reset(self) -> str:
        rid: str = self.made["stream"]
        path = f"/api/v2/streams/datasets/{rid}/streams/master/reset?preview=true"
        self.api.ok("POST", path, json={})
        return rid

    def all(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Give the action that the trail must name, and what does it and gives its subject."""
        yield "user.created", self._user
        yield "user.disabled", lambda: self._of_user("disable")
        yield "user.enabled", lambda: self._of_user("enable")
        yield "user.password-changed", lambda: self._of_user("password", {"newPassword": "b" * 20})
        yield "user.tokens-revoked", self._revoke_all
        yield "group.created", self._group
        yield "group.member-added", lambda: self._members("add")
        yield "group.member-removed", lambda: self._members("remove")
        yield "application.created", self._application
        yield "application.updated", lambda: self._of_application("PUT", "clients/{}", _CHANGE)
        rotate = "clients/{}/rotateSecret"
        yield "application.secret-rotated", lambda: self._of_application("PUT", rotate)
        installation = "client-installations/{}"
        yield "application.disabled", lambda: self._of_application("DELETE", installation)
        yield "application.enabled", lambda: self._of_application("PUT", installation, {})
        yield "token.issued", self._access_token
        yield "token.revoked", self._revoke_access_token
        yield "application.deleted", lambda: self._of_application("DELETE", "clients/{}")
        yield "token.created", self._token
        yield "token.disabled", lambda: self._of_token("disable")
        yield "token.enabled", lambda: self._of_token("enable")
        yield "token.revoked", lambda: self._of_token("revoke")
        yield "session.started", self._session
        yield "session.ended", self._end_session
        yield "project.created", self._project
        yield "project.replaced", self._replace_project
        yield "folder.created", self._folder
        yield "role.granted", lambda: self._roles("add")
        yield "role.removed", lambda: self._roles("remove")
        yield "resource.trashed", lambda: self._of_resource("DELETE", "")
        yield "resource.restored", lambda: self._of_resource("POST", "/restore")
        yield "resource.trashed", lambda: self._of_resource("DELETE", "")
        yield "resource.purged", lambda: self._of_resource("POST", "/permanentlyDelete")
        yield "stream.created", self._stream
        yield "stream.created", self._branch
        yield "stream.reset", self._reset


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
