"""``/api/v1/filesystem``: rename and move, search, and the list of the trash."""

from typing import Any

import pytest

from fixtures.api import Api, StreamUnderTest, assert_error, unique

V1 = "/api/v1/filesystem"
V2 = "/api/v2/filesystem"


def new_folder(api: Api, parent: str, name: str) -> str:
    body = {"parentFolderRid": parent, "displayName": name}
    rid: str = api.ok("POST", f"{V2}/folders", json=body)["rid"]
    return rid


def named(api: Api, rid: str) -> tuple[str, str]:
    resource = api.ok("GET", f"{V2}/resources/{rid}")
    return resource["displayName"], resource["parentFolderRid"]


def found(api: Api, text: str, **query: str) -> list[str]:
    answer = api.ok("GET", f"{V1}/search", params={"text": text, **query})
    assert answer["isComplete"]
    return [resource["rid"] for resource in answer["data"]]


def trashed(api: Api, page_size: int = 1_000) -> list[dict[str, Any]]:
    """Read the whole list of the trash, in pages."""
    rows: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"pageSize": page_size}
    while True:
        page = api.ok("GET", f"{V1}/trash", params=query)
        rows += page["data"]
        if "nextPageToken" not in page:
            return rows
        query["pageToken"] = page["nextPageToken"]


# Rename and move


def test_a_stream_is_renamed_where_it_is_and_still_takes_records(stream: StreamUnderTest):
    _, folder = named(stream.api, stream.rid)
    name = unique("renamed")

    answer = stream.api.ok("PUT", f"{V1}/resources/{stream.rid}", json={"displayName": name})

    assert (answer["displayName"], answer["parentFolderRid"]) == (name, folder)
    assert answer["path"].endswith(f"/{name}")
    assert named(stream.api, stream.rid) == (name, folder)
    assert stream.publish({"sensor_id": "a"}).status_code == 204


def test_a_stream_moves_to_another_project_with_its_records(stream: StreamUnderTest):
    stream.publish({"sensor_id": "a"})
    project = stream.api.new_project()
    folder = new_folder(stream.api, project, "raw")

    body = {"displayName": "moved", "parentFolderRid": folder}
    answer = stream.api.ok("PUT", f"{V1}/resources/{stream.rid}", json=body)

    assert (answer["projectRid"], answer["parentFolderRid"]) == (project, folder)
    assert [value["sensor_id"] for value in stream.values()] == ["a"]


def test_who_pushed_by_the_old_project_s_role_no_longer_does_after_a_move(stream: StreamUnderTest):
    _, project = named(stream.api, stream.rid)
    user_id, user = stream.api.new_user()
    stream.api.grant(project, user_id, "editor")
    assert stream.as_(user).publish({"sensor_id": "a"}).status_code == 204

    body = {"displayName": "moved", "parentFolderRid": stream.api.new_project()}
    stream.api.ok("PUT", f"{V1}/resources/{stream.rid}", json=body)

    assert_error(stream.as_(user).publish({"sensor_id": "b"}), 404, "StreamNotFound")


def test_a_folder_is_renamed_and_moved_by_the_same_call(api: Api):
    project = api.new_project()
    raw, other = (new_folder(api, project, name) for name in ("raw", "other"))

    body = {"displayName": "clean", "parentFolderRid": other}
    answer = api.ok("PUT", f"{V1}/resources/{raw}", json=body)

    assert (answer["displayName"], answer["parentFolderRid"]) == ("clean", other)


def test_a_project_is_not_renamed_by_this_call(api: Api):
    project = api.new_project()

    answer = api.put(f"{V1}/resources/{project}", json={"displayName": "x"})

    assert assert_error(answer, 400, "ReplaceResourceNotSupported") == {"resourceRid": project}


@pytest.mark.parametrize("role", ["viewer", "discoverer"])
def test_renaming_needs_the_role_editor(stream: StreamUnderTest, role: str):
    user_id, user = stream.api.new_user()
    stream.api.grant(stream.rid, user_id, role)
    before = named(stream.api, stream.rid)

    answer = user.put(f"{V1}/resources/{stream.rid}", json={"displayName": "mine"})

    assert_error(answer, 403, "ReplaceResourcePermissionDenied")
    assert named(stream.api, stream.rid) == before


def test_an_editor_does_not_take_a_stream_to_a_project_of_its_own(stream: StreamUnderTest):
    user_id, user = stream.api.new_user()
    stream.api.grant(stream.rid, user_id, "editor")

    body = {"displayName": "mine", "parentFolderRid": user.new_project()}
    answer = user.put(f"{V1}/resources/{stream.rid}", json=body)

    assert_error(answer, 403, "ReplaceResourcePermissionDenied")


def test_a_name_that_is_taken_or_not_possible_is_refused(api: Api):
    project = api.new_project()
    stream = api.new_stream(folder=project)
    new_folder(api, project, "raw")
    path = f"{V1}/resources/{stream.rid}"

    taken = api.put(path, json={"displayName": "raw"})
    impossible = api.put(path, json={"displayName": "a/b"})
    nowhere = api.put(path, json={"displayName": "a", "parentFolderRid": "ri.nothing"})
    in_a_stream = api.put(path, json={"displayName": "a", "parentFolderRid": api.new_stream().rid})
    in_a_space = api.put(path, json={"displayName": "a", "parentFolderRid": api.space()})

    assert_error(taken, 409, "ResourceNameAlreadyExists")
    assert_error(impossible, 400, "InvalidDisplayName")
    assert_error(nowhere, 404, "ResourceNotFound")
    assert_error(in_a_stream, 400, "InvalidFolder")
    assert_error(in_a_space, 400, "InvalidParentFolder")


# Search


def test_a_part_of_a_name_is_found_in_any_case_of_letters(api: Api):
    project = api.new_project()
    deep = new_folder(api, new_folder(api, project, "raw"), "Zählerstände ÖST")
    api.new_stream(folder=project)

    assert found(api, "zählerSTÄNDE öst", folderRid=project) == [deep]
    assert found(api, " ÄHLER ", folderRid=project) == [deep]


def test_the_signs_of_a_pattern_are_signs_of_a_name(api: Api):
    project = api.new_project()
    percent = new_folder(api, project, "100%_full")
    new_folder(api, project, "100 and full")

    assert found(api, "0%_f", folderRid=project) == [percent]
    assert found(api, "%", folderRid=project) == [percent]
    assert found(api, "_", folderRid=project) == [percent]


def test_a_search_stays_below_its_folder(api: Api):
    project = api.new_project()
    one, other = (new_folder(api, project, name) for name in ("one", "other"))
    inside, outside = (new_folder(api, parent, "wanted") for parent in (one, other))

    assert found(api, "wanted", folderRid=one) == [inside]
    assert found(api, "wanted", folderRid=project) == [inside, outside]
    assert found(api, "one", folderRid=one) == []


def test_nobody_finds_what_was_not_shared_with_it(api: Api):
    project = api.new_project()
    name = unique("secret")
    folder = new_folder(api, project, name)
    below = new_folder(api, folder, f"{name} below")
    user_id, user = api.new_user()

    assert found(user, name) == []
    assert_error(
        user.get(f"{V1}/search", params={"text": name, "folderRid": project}),
        404,
        "ResourceNotFound",
    )
    api.grant(below, user_id, "discoverer")
    assert found(user, name) == [below]
    assert found(user, name, folderRid=api.space()) == [below]
    api.grant(project, user_id, "viewer")
    assert found(user, name) == [folder, below]


def test_what_is_in_the_trash_is_not_found(api: Api):
    project = api.new_project()
    name = unique("gone")
    folder = new_folder(api, project, name)
    below = new_folder(api, folder, f"{name} below")
    user_id, user = api.new_user()
    api.grant(below, user_id, "viewer")
    assert found(user, name) == [below]

    api.ok("DELETE", f"{V2}/resources/{folder}")

    assert found(api, name, folderRid=project) == []
    assert found(user, name) == []


@pytest.mark.parametrize("text", ["", "  ", "x" * 701, "a\x00b"])
def test_a_search_that_is_not_possible_is_refused(api: Api, text: str):
    assert_error(api.get(f"{V1}/search", params={"text": text}), 400, "Conjure:InvalidArgument")


def test_a_search_says_that_there_is_more(api: Api):
    project = api.new_project()
    for number in range(101):
        new_folder(api, project, f"many {number}")

    answer = api.ok("GET", f"{V1}/search", params={"text": "many", "folderRid": project})

    assert (len(answer["data"]), answer["isComplete"]) == (100, False)


# The trash


def test_the_trash_lists_what_was_put_there_itself_latest_first(api: Api):
    project = api.new_project()
    first, second = (new_folder(api, project, name) for name in ("first", "second"))
    below = new_folder(api, second, "below")
    for rid in (first, second):
        api.ok("DELETE", f"{V2}/resources/{rid}")

    rows = trashed(api, page_size=1)

    mine = [row for row in rows if row["resource"]["projectRid"] == project]
    assert [row["resource"]["rid"] for row in mine] == [second, first]
    assert below not in {row["resource"]["rid"] for row in rows}
    assert [(row["mayRestore"], row["mayDelete"]) for row in mine] == [(True, True)] * 2
    assert all(row["trashedTime"].endswith("Z") for row in mine)


def test_restored_and_deleted_resources_leave_the_trash(api: Api):
    project = api.new_project()
    back, gone = (new_folder(api, project, name) for name in ("back", "gone"))
    for rid in (back, gone):
        api.ok("DELETE", f"{V2}/resources/{rid}")

    api.ok("POST", f"{V2}/resources/{back}/restore")
    api.ok("POST", f"{V2}/resources/{gone}/permanentlyDelete")

    assert not {back, gone} & {row["resource"]["rid"] for row in trashed(api)}


def test_the_trash_says_what_the_caller_may_do(api: Api):
    project = api.new_project()
    folder = new_folder(api, project, "raw")
    users = {}
    for role in ("owner", "editor", "viewer", "nobody"):
        user_id, users[role] = api.new_user()
        if role != "nobody":
            api.grant(folder, user_id, role)
    api.ok("DELETE", f"{V2}/resources/{folder}")

    seen = {
        role: [(row["mayRestore"], row["mayDelete"]) for row in trashed(user)]
        for role, user in users.items()
    }

    assert seen == {
        "owner": [(True, True)],
        "editor": [(True, False)],
        "viewer": [(False, False)],
        "nobody": [],
    }


@pytest.mark.parametrize("token", ["bm9uc2Vuc2U", "MTp4OnJp", "MTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk6cg"])
def test_a_page_token_that_is_none_is_refused(api: Api, token: str):
    assert_error(api.get(f"{V1}/trash", params={"pageToken": token}), 400, "InvalidPageToken")


# The own role


def test_the_own_role_is_the_strongest_of_all_on_the_way_up(stream: StreamUnderTest):
    _, project = named(stream.api, stream.rid)
    user_id, user = stream.api.new_user()
    assert_error(user.request("GET", own_role(stream.rid)), 404, "ResourceNotFound")

    stream.api.grant(project, user_id, "editor")
    stream.api.grant(stream.rid, user_id, "viewer")

    assert user.ok("GET", own_role(stream.rid)) == {"roleId": "editor"}
    assert user.ok("GET", own_role(stream.api.space())) == {"roleId": None}
    assert stream.api.ok("GET", own_role(stream.rid)) == {"roleId": "owner"}

    hidden = stream.api.new_project()
    rids = (stream.rid, project, hidden, "no rid", stream.api.space())
    assert own_roles(user, *rids) == {stream.rid: "editor", project: "editor"}
    assert own_roles(stream.api, stream.rid, hidden) == {stream.rid: "owner", hidden: "owner"}


def test_a_thousand_own_roles_are_told_at_once_and_no_more(api: Api):
    missing = [f"ri.foundry.main.dataset.{number}" for number in range(1_000)]

    assert own_roles(api, *missing) == {}
    assert_error(
        api.request("POST", f"{V1}/resources/getOwnRoles", json=wanted(*missing, missing[0])),
        400,
        "Conjure:InvalidArgument",
    )


def wanted(*rids: str) -> list[dict[str, str]]:
    return [{"resourceRid": rid} for rid in rids]


def own_roles(api: Api, *rids: str) -> dict[str, str]:
    return api.ok("POST", f"{V1}/resources/getOwnRoles", json=wanted(*rids))["data"]


def own_role(rid: str) -> str:
    return f"{V1}/resources/{rid}/ownRole"
