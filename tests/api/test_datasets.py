"""Our own call about datasets: what one is, and what the caller may do with it."""

from fixtures.api import Api, StreamUnderTest, assert_error, unique


def test_each_role_is_told_which_it_is(api: Api) -> None:
    name = unique("orders")
    body = {"name": name, "parentFolderRid": api.new_project()}
    rid = api.ok("POST", "/api/v2/datasets", json=body)["rid"]
    path = f"/api/v1/datasets/{rid}/description"

    described = api.ok("GET", path)

    assert described["path"].endswith(f"/{name}")
    assert described == {
        "datasetRid": rid,
        "name": name,
        "path": described["path"],
        "role": "owner",
        "trashStatus": "NOT_TRASHED",
        "isStreaming": False,
        "defaultBranch": "master",
    }
    for role in ("discoverer", "viewer", "editor"):
        user_id, user = api.new_user()
        assert_error(user.get(path), 404, "DatasetNotFound")
        api.grant(rid, user_id, role)
        assert user.ok("GET", path)["role"] == role


def test_a_dataset_with_streams_says_that_it_has_them(api: Api, stream: StreamUnderTest) -> None:
    described = api.ok("GET", f"/api/v1/datasets/{stream.rid}/description")
    api.ok("DELETE", f"/api/v2/filesystem/resources/{stream.rid}")
    trashed = api.ok("GET", f"/api/v1/datasets/{stream.rid}/description")

    assert (described["isStreaming"], described["trashStatus"]) == (True, "NOT_TRASHED")
    assert (trashed["isStreaming"], trashed["trashStatus"]) == (True, "DIRECTLY_TRASHED")
