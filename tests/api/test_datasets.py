"""Our own call about datasets: what one is, and what the caller may do with it."""

from fixtures.api import Api, StreamUnderTest, assert_error, unique

DESCRIPTIONS = "/api/v1/datasets/getDescriptions"


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


def test_several_datasets_are_described_at_once_as_each_would_be(
    api: Api, stream: StreamUnderTest
) -> None:
    body = {"name": unique("orders"), "parentFolderRid": api.new_project()}
    files = api.ok("POST", "/api/v2/datasets", json=body)["rid"]
    user_id, user = api.new_user()
    api.grant(files, user_id, "viewer")

    rids = [files, stream.rid, files, body["parentFolderRid"], "ri.foundry.main.dataset.none"]
    described = api.ok("POST", DESCRIPTIONS, json=wanted(*rids))["data"]

    for rid, is_streaming in ((files, False), (stream.rid, True)):
        assert described[rid] == api.ok("GET", f"/api/v1/datasets/{rid}/description")
        assert described[rid]["isStreaming"] is is_streaming
    assert described.keys() == {files, stream.rid}
    seen = user.ok("POST", DESCRIPTIONS, json=wanted(*rids))["data"]
    assert {rid: one["role"] for rid, one in seen.items()} == {files: "viewer"}
    assert api.ok("POST", DESCRIPTIONS, json=[]) == {"data": {}}


def test_a_thousand_datasets_are_described_at_once_and_no_more(api: Api) -> None:
    rids = [f"ri.foundry.main.dataset.{number}" for number in range(1_000)]

    assert api.ok("POST", DESCRIPTIONS, json=wanted(*rids)) == {"data": {}}
    refused = api.request("POST", DESCRIPTIONS, json=wanted(*rids, rids[0]))
    assert_error(refused, 400, "Conjure:InvalidArgument")


def wanted(*rids: str) -> list[dict[str, str]]:
    return [{"datasetRid": rid} for rid in rids]
