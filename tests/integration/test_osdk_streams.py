"""``@osdk/foundry.streams`` and its companions, unmodified, under Node against a real server."""

import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from fixtures.api import SENSOR_SCHEMA, Api, unique
from fixtures.osdk import INSTALL_SECONDS

RUN_SECONDS = 60

pytestmark = pytest.mark.timeout(INSTALL_SECONDS + RUN_SECONDS)

Outcome = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def application(api: Api) -> dict[str, Any]:
    body = {
        "clientType": "CONFIDENTIAL",
        "displayName": unique("osdk"),
        "grantTypes": ["CLIENT_CREDENTIALS"],
    }
    made: dict[str, Any] = api.ok("POST", "/multipass/api/clients", json=body)
    return made


@pytest.fixture(scope="module")
def given(api: Api, application: dict[str, Any]) -> dict[str, str]:
    """What the application may use: a project to write, one to see, and a stream in the trash."""
    project, readable = api.new_project(), api.new_project()
    api.grant(project, application["serviceUserId"], "editor")
    api.grant(readable, application["serviceUserId"], "viewer")
    trashed = api.new_stream(folder=project).rid
    api.ok("DELETE", f"/api/v2/filesystem/resources/{trashed}")
    return {
        "url": api.url,
        "clientId": application["clientId"],
        "clientSecret": application["clientSecret"],
        "folder": project,
        "readable": readable,
        "trashed": trashed,
    }


@pytest.fixture(scope="module")
def outcome(packages: Path, given: dict[str, str]) -> Outcome:
    """What the packages gave, by the name of each call."""
    done = subprocess.run(
        ["node", "clients.mjs", json.dumps(given)],
        cwd=packages,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: Outcome = json.loads(done.stdout)
    return results


@pytest.fixture(scope="module")
def rid(outcome: Outcome) -> str:
    found: str = outcome["dataset"]["value"]["rid"]
    return found


def value(outcome: Outcome, name: str) -> Any:
    assert "error" not in outcome[name], outcome[name]
    return outcome[name]["value"]


def test_a_streaming_dataset_is_created_and_its_stream_described(
    outcome: Outcome, given: dict[str, str]
) -> None:
    dataset, stream = value(outcome, "dataset"), value(outcome, "stream")

    assert dataset == {"rid": dataset["rid"], "name": "sensors", "parentFolderRid": given["folder"]}
    assert stream == {
        "branchName": "master",
        "schema": SENSOR_SCHEMA,
        "viewRid": stream["viewRid"],
        "partitionsCount": 1,
        "streamType": "LOW_LATENCY",
        "compressed": False,
    }


def test_published_records_are_read(outcome: Outcome) -> None:
    records = value(outcome, "getRecords")

    assert (value(outcome, "publishRecord"), value(outcome, "publishRecords")) == (None, None)
    assert records == [
        {
            "offset": 0,
            "value": {"sensor_id": "s1", "temperature": 4.132, "created_at": 1731426022784},
        },
        {"offset": 1, "value": {"sensor_id": "s2", "temperature": None, "created_at": None}},
        {"offset": 2, "value": {"sensor_id": "s3", "temperature": None, "created_at": None}},
    ]
    assert value(outcome, "getEndOffsets") == {"0": 3}


def test_a_binary_record_is_published(outcome: Outcome) -> None:
    assert value(outcome, "publishBinaryRecord") is None
    assert value(outcome, "binary records") == [{"offset": 0, "value": {"payload": "AP8K"}}]


def test_a_branch_may_have_a_slash_in_its_name(outcome: Outcome, rid: str) -> None:
    made = value(outcome, "created branch")

    assert (made["branchName"], made["partitionsCount"], made["compressed"]) == (
        "feature/a b",
        2,
        True,
    )
    assert value(outcome, "empty branch") == []
    assert value(outcome, "published to branch") is None
    assert refusal(outcome, "same branch", 409, "BranchAlreadyExists") == {
        "datasetRid": rid,
        "branchName": "feature/a b",
    }


def test_a_subscriber_reads_on_from_what_it_committed(outcome: Outcome, rid: str) -> None:
    made = value(outcome, "createSubscriber")
    first, rest = value(outcome, "readRecords"), value(outcome, "rest of records")

    assert (made["subscriberId"], made["datasetRid"], made["startOffsets"]) == (
        f"reader {rid}",
        rid,
        {"0": 0},
    )
    assert [one["offset"] for one in first["recordsByPartition"]["0"]] == [0, 1]
    assert value(outcome, "commitOffsets") == {"0": 2}
    assert value(outcome, "getReadPosition") == {"0": 2}
    assert [one["offset"] for one in rest["recordsByPartition"]["0"]] == [2]
    assert value(outcome, "resetOffsets") == {"0": 0}
    assert value(outcome, "deleteSubscriber") is None
    assert refusal(outcome, "deleted subscriber", 404, "SubscriberNotFound") == {
        "subscriberId": f"reader {rid}"
    }


def test_a_reset_gives_an_empty_view_and_refuses_the_old_one(outcome: Outcome) -> None:
    old, new = value(outcome, "stream"), value(outcome, "reset")

    assert (new["partitionsCount"], new["streamType"], new["compressed"]) == (
        3,
        "HIGH_THROUGHPUT",
        False,
    )
    assert [field["name"] for field in new["schema"]["fields"]] == ["payload"]
    assert value(outcome, "records after reset") == []
    assert refusal(outcome, "old view", 404, "ViewNotFound") == {"viewRid": old["viewRid"]}


def refusal(outcome: Outcome, name: str, status: int, error_name: str) -> dict[str, Any]:
    """Check that a call was refused as its own class of error; give its parameters."""
    error = outcome[name]["error"]
    assert (error.get("statusCode"), error.get("errorName")) == (status, error_name), error
    uuid.UUID(error["errorInstanceId"])
    assert error["errorDescription"]
    assert error["errorCode"]
    parameters: dict[str, Any] = error["parameters"]
    return parameters


def test_errors_arrive_with_their_name_and_parameters(
    outcome: Outcome, given: dict[str, str], rid: str
) -> None:
    name = {"datasetRid": rid, "streamBranchName": "none"}
    bad = refusal(outcome, "bad record", 400, "RecordDoesNotMatchStreamSchema")

    assert refusal(outcome, "missing stream", 404, "StreamNotFound") == name
    assert (bad["datasetRid"], bad["branchName"], bad["invalidRecordCount"]) == (rid, "master", 1)
    assert refusal(outcome, "wrong schema", 400, "InvalidSchema")["errorType"] == "NO_FIELDS"
    assert refusal(outcome, "taken name", 409, "ResourceNameAlreadyExists") == {
        "parentFolderRid": given["folder"],
        "displayName": "sensors",
    }
    refusal(outcome, "no binary stream", 500, "FailedToProcessBinaryRecord")
    refusal(outcome, "no preview", 400, "ApiFeaturePreviewUsageOnly")
    assert refusal(outcome, "trashed stream", 400, "CannotWriteToTrashedStream") == {
        "datasetRid": given["trashed"]
    }
    assert refusal(outcome, "missing scope", 403, "ApiUsageDenied") == {
        "missingScope": "api:use-streams-read"
    }
    refusal(outcome, "bad token", 401, "Default:Unauthorized")
    refusal(outcome, "unshared folder", 403, "CreateStreamingDatasetPermissionDenied")
