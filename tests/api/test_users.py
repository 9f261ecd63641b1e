"""The calls about users and roles, by way of the SDK and by hand."""

import uuid
from urllib.parse import urlsplit

import pytest
from foundry_sdk import Config, FoundryClient, UserTokenAuth
from foundry_sdk.v2.admin import errors, models

from fixtures.api import Api, assert_error, unique
from fixtures.server import sign_in

UNKNOWN = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
USERS = "/api/v2/admin/users"
PASSWORD = "a long enough password"


def sdk(api: Api) -> FoundryClient:
    return FoundryClient(
        auth=UserTokenAuth(str(api.token)),
        hostname=urlsplit(api.url).netloc,
        config=Config(scheme="http"),
    )


def named(api: Api, **more) -> dict[str, object]:
    body = {"username": uuid.uuid4().hex, **more}
    made: dict[str, object] = api.ok("POST", "/api/v1/users", json=body)
    return made


def test_the_current_user_is_told(api: Api) -> None:
    user_id, user = api.new_user(givenName="Mia", familyName="Meier", email="m@example.org")

    current = sdk(user).admin.User.get_current()

    assert (current.id, current.status) == (user_id, "ACTIVE")
    assert (current.given_name, current.family_name, current.email) == (
        "Mia",
        "Meier",
        "m@example.org",
    )
    assert current.realm == "palantir-internal-realm"
    assert current.organization is not None
    assert sdk(user).admin.User.get(user_id) == current


def test_users_are_got_together(api: Api) -> None:
    user = named(api)

    batch = sdk(api).admin.User.get_batch(
        [
            models.GetUsersBatchRequestElement(user_id=str(user["id"])),
            models.GetUsersBatchRequestElement(user_id=UNKNOWN),
        ]
    )

    assert list(batch.data) == [user["id"]]


@pytest.mark.parametrize(("count", "status"), [(0, 400), (500, 200), (501, 400)])
def test_a_batch_has_bounds(api: Api, count: int, status: int) -> None:
    answer = api.post(f"{USERS}/getBatch", json=[{"userId": UNKNOWN}] * count)

    assert answer.status_code == status


def test_users_are_listed_page_by_page(api: Api) -> None:
    made = [named(api) for _ in range(3)]

    listed = [user.id for user in sdk(api).admin.User.list(page_size=2)]

    assert {user["id"] for user in made} < set(listed)
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(("size", "status"), [(0, 400), (1, 200), (1_000, 200), (1_001, 400)])
def test_the_size_of_a_page_has_bounds(api: Api, size: int, status: int) -> None:
    assert api.get(f"{USERS}?pageSize={size}").status_code == status


def test_a_service_user_is_found_by_its_client_id(api: Api) -> None:
    body = {
        "clientType": "CONFIDENTIAL",
        "displayName": unique("app"),
        "grantTypes": ["CLIENT_CREDENTIALS"],
    }
    client_id = api.ok("POST", "/multipass/api/clients", json=body)["clientId"]
    where = models.UserSearchFilter(type="queryString", value=client_id)

    page = sdk(api).admin.User.search(where=where)

    (user,) = page.data
    assert (user.username, user.organization) == (client_id, None)
    assert user.realm == "palantir-internal-realm"


@pytest.mark.parametrize("which", ["username", "givenName", "familyName", "email", "id"])
def test_a_person_is_found_by_the_start_of_each_name(api: Api, which: str) -> None:
    mark = uuid.uuid4().hex
    user = named(api, givenName=f"G{mark}", familyName=f"F{mark}", email=f"E{mark}@example.org")
    value = str(user[which])[:20].upper()

    found = api.ok(
        "POST", f"{USERS}/search", json={"where": {"type": "queryString", "value": value}}
    )

    assert [one["id"] for one in found["data"]] == [user["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {"where": {"type": "queryString", "value": ""}},
        {"where": {"type": "other", "value": "a"}},
        {"where": {"type": "queryString", "value": "a"}, "pageSize": 0},
        {},
    ],
)
def test_a_search_for_nothing_is_refused(api: Api, body: dict[str, object]) -> None:
    assert api.post(f"{USERS}/search", json=body).status_code == 400


def test_everybody_looks_up_users(api: Api) -> None:
    user_id, _ = api.new_user()
    _, stranger = api.new_user()

    assert stranger.ok("GET", f"{USERS}/{user_id}")["id"] == user_id


def test_errors_arrive_as_the_sdks_own(api: Api) -> None:
    user_id, user = api.new_user()
    client = sdk(api).admin.User

    with pytest.raises(errors.UserNotFound):
        client.get(UNKNOWN)
    with pytest.raises(errors.UserIsActive):
        client.get(user_id, status="DELETED")
    with pytest.raises(errors.DeleteUserPermissionDenied):
        sdk(user).admin.User.delete(user_id)
    with pytest.raises(errors.RevokeAllTokensUserPermissionDenied):
        sdk(user).admin.User.revoke_all_tokens(client.get_current().id)
    client.delete(user_id)
    with pytest.raises(errors.UserDeleted):
        client.get(user_id)
    assert client.get(user_id, status="DELETED").status == "DELETED"


def test_an_own_password_needs_the_old_one(api: Api) -> None:
    user = named(api, password=PASSWORD)
    caller = api.as_(sign_in(api.url, str(user["username"]), PASSWORD))
    path = f"/api/v1/users/{user['id']}/password"

    wrong = caller.post(path, json={"newPassword": PASSWORD + "2", "oldPassword": "no"})
    right = caller.post(path, json={"newPassword": PASSWORD + "2", "oldPassword": PASSWORD})

    assert_error(wrong, 403, "InvalidOldPassword")
    assert right.status_code == 204
    assert sign_in(api.url, str(user["username"]), PASSWORD + "2")
    assert caller.ok("GET", "/multipass/api/me")["id"] == user["id"]


def test_an_administrator_sets_a_password(api: Api) -> None:
    user = named(api)
    path = f"/api/v1/users/{user['id']}/password"

    assert api.post(path, json={"newPassword": PASSWORD}).status_code == 204

    assert sign_in(api.url, str(user["username"]), PASSWORD)


@pytest.mark.parametrize(("length", "status"), [(11, 400), (12, 204), (128, 204), (129, 400)])
def test_a_password_has_bounds(api: Api, length: int, status: int) -> None:
    path = f"/api/v1/users/{named(api)['id']}/password"

    assert api.post(path, json={"newPassword": "x" * length}).status_code == status


def test_only_administrators_change_users(api: Api) -> None:
    user_id, user = api.new_user()
    other_id, _ = api.new_user()

    for path, body in (
        ("/api/v1/users", {"username": uuid.uuid4().hex}),
        (f"/api/v1/users/{other_id}/disable", None),
        (f"/api/v1/users/{user_id}/enable", None),
        (f"/api/v1/users/{other_id}/password", {"newPassword": PASSWORD}),
    ):
        assert_error(user.post(path, json=body), 403, "Default:PermissionDenied")


def test_a_username_is_given_once(api: Api) -> None:
    user = named(api)

    answer = api.post("/api/v1/users", json={"username": str(user["username"]).upper()})

    assert_error(answer, 409, "UsernameAlreadyExists")


def test_no_answer_holds_a_password_or_its_hash(api: Api) -> None:
    answer = api.post("/api/v1/users", json={"username": uuid.uuid4().hex, "password": PASSWORD})

    assert answer.json()["isEnabled"] is True
    assert PASSWORD not in answer.text
    assert "argon2" not in answer.text
    assert "argon2" not in api.get(USERS).text


def test_the_groups_of_a_user_are_listed(api: Api) -> None:
    user = named(api)
    group = api.ok("POST", "/api/v2/admin/groups", json={"name": unique("group")})
    members = {"principalIds": [user["id"]]}
    api.ok("POST", f"/api/v2/admin/groups/{group['id']}/groupMembers/add", json=members)

    listed = sdk(api).admin.User.GroupMembership.list(str(user["id"]))

    assert [one.group_id for one in listed] == [group["id"]]


def test_roles_are_described(api: Api) -> None:
    client = sdk(api).admin.Role

    editor = client.get("editor", preview=True)
    batch = client.get_batch(
        [models.GetRolesBatchRequestElement(role_id=one) for one in ("owner", "nothing")],
        preview=True,
    )

    assert (editor.display_name, editor.can_assigns) == (
        "Editor",
        ["discoverer", "viewer", "editor"],
    )
    assert "streaming:write" in editor.operations
    assert "streaming:delete" not in editor.operations
    assert list(batch.data) == ["owner"]
    with pytest.raises(errors.RoleNotFound):
        client.get("nothing", preview=True)
    assert_error(api.get("/api/v2/admin/roles/editor"), 400, "ApiFeaturePreviewUsageOnly")


def test_a_user_says_anew_who_it_is(api: Api) -> None:
    user_id, user = api.new_user(givenName="Mia", familyName="Meier", email="m@example.org")

    body = {"givenName": "Maria", "email": "m@example.org"}
    changed = user.ok("PUT", f"/api/v1/users/{user_id}", json=body)

    assert (changed["givenName"], changed.get("familyName")) == ("Maria", None)
    current = sdk(user).admin.User.get_current()
    assert (current.given_name, current.family_name) == ("Maria", None)


def test_only_administrators_change_others_and_addresses(api: Api) -> None:
    user_id, user = api.new_user(email="mine@example.org")
    other_id, _ = api.new_user()
    path = f"/api/v1/users/{user_id}"

    other = user.put(f"/api/v1/users/{other_id}", json={"givenName": "x"})
    address = user.put(path, json={"email": "yours@example.org"})
    by_admin = api.ok("PUT", path, json={"email": "new@example.org"})

    assert_error(other, 403, "Default:PermissionDenied")
    assert_error(address, 403, "Default:PermissionDenied")
    assert by_admin["email"] == "new@example.org"


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 256])
def test_a_person_s_name_that_is_not_possible_is_refused(api: Api, name: str) -> None:
    user_id, _ = api.new_user(givenName="Mia")

    answer = api.put(f"/api/v1/users/{user_id}", json={"givenName": name})

    assert_error(answer, 400, "Conjure:InvalidArgument")
    assert api.ok("GET", f"{USERS}/{user_id}")["givenName"] == "Mia"


def test_nobody_is_behind_a_service_user_or_an_unknown_one(api: Api) -> None:
    body = {
        "clientType": "CONFIDENTIAL",
        "displayName": unique("app"),
        "grantTypes": ["CLIENT_CREDENTIALS"],
    }
    client_id = api.ok("POST", "/multipass/api/clients", json=body)["clientId"]
    where = {"where": {"type": "queryString", "value": client_id}}
    (service,) = api.ok("POST", f"{USERS}/search", json=where)["data"]

    assert_error(
        api.put(f"/api/v1/users/{service['id']}", json={"givenName": "x"}),
        403,
        "Default:PermissionDenied",
    )
    assert_error(api.put(f"/api/v1/users/{UNKNOWN}", json={}), 404, "UserNotFound")
