"""The programs that the page "Push data" shows, run as they stand there against a real server."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fixtures.api import SENSOR_SCHEMA, Api, StreamUnderTest, field, schema, unique

WEB = Path(__file__).parents[2] / "web"
RUN_SECONDS = 60
AWKWARD = 'it\'s "quoted" $HOME `id` \\ ! é 😀 \u0001 """ \n ${x} {y}'
RECORDS: list[dict[str, Any]] = [
    {"sensor_id": "sensor4", "temperature": 4.132},
    {"sensor_id": AWKWARD, "temperature": None, "created_at": 1731426022784},
]
NESTED_SCHEMA = schema(
    field("ok", "boolean"),
    field("tags", {"type": "array", "itemsSchema": field("x", "string")["schema"]}),
    field("place", {"type": "struct", "subFields": [field("lat", "double")]}),
)
NESTED: list[dict[str, Any]] = [
    {"ok": True, "tags": ["a", None], "place": {"lat": 1.5}},
    {"ok": False, "tags": []},
]
FILES = {
    "curl": ("push.sh", ["bash"], ("bash", "curl", "jq")),
    "python": ("push.py", [sys.executable, "-I", "-W", "error"], ()),
    "javascript": ("push.mjs", ["node"], ()),
    "java": ("Push.java", ["java"], ("java",)),
    "foundry-sdk": ("push.py", [sys.executable], ()),
    "osdk": ("push.mjs", ["node"], ()),
}
"""By language: the file, what runs it, and the programs that a machine may lack."""

Programs = dict[str, dict[str, str]]

pytestmark = pytest.mark.timeout(2 * RUN_SECONDS)


def generated(stream: StreamUnderTest, records: list[Any], **credentials: str) -> Programs:
    """Let the page's own generators write the programs."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed: the generators are TypeScript")
    if not (WEB / "node_modules" / "vite").exists():
        pytest.skip("web/node_modules is missing: run `npm ci` in web/")
    target = {
        "url": stream.api.url,
        "datasetRid": stream.rid,
        "branch": stream.branch,
        "records": records,
    }
    done = subprocess.run(
        ["node", "scripts/generate-code.mjs", json.dumps(target | credentials)],
        cwd=WEB,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    written: Programs = json.loads(done.stdout)
    return written


def run(
    language: str, programs: Programs, folder: Path, packages: Path
) -> "subprocess.CompletedProcess[str]":
    """Run both pieces of a program as one file."""
    name, command, needed = FILES[language]
    for program in needed:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: the {language} program cannot run")
    if language == "osdk":
        (folder / "node_modules").symlink_to(packages / "node_modules")
    file = folder / name
    file.write_text(programs[language]["token"] + "\n" + programs[language]["push"])
    return subprocess.run(
        [*command, str(file)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )


def application_with_access(api: Api, stream: StreamUnderTest) -> dict[str, str]:
    """Register an application that may only write to streams, and share the stream with it."""
    body = {
        "clientType": "CONFIDENTIAL",
        "displayName": unique("program"),
        "grantTypes": ["CLIENT_CREDENTIALS"],
        "operations": ["api:use-streams-write"],
    }
    made = api.ok("POST", "/multipass/api/clients", json=body)
    api.grant(stream.rid, made["serviceUserId"], "editor")
    return {"clientId": made["clientId"], "clientSecret": made["clientSecret"]}


def full(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """Give a record as it is stored: what it leaves out is null."""
    return {name: record.get(name) for name in names}


@pytest.mark.parametrize("language", FILES)
def test_a_program_pushes_as_an_application(
    api: Api, tmp_path: Path, packages: Path, language: str
) -> None:
    stream = api.new_stream(SENSOR_SCHEMA, branchName="feat/it's")
    programs = generated(stream, RECORDS, **application_with_access(api, stream))

    done = run(language, programs, tmp_path, packages)

    assert done.returncode == 0, done.stderr
    names = ("sensor_id", "temperature", "created_at")
    assert stream.values() == [full(record, *names) for record in RECORDS]


@pytest.mark.parametrize("language", FILES)
def test_a_program_pushes_with_a_personal_token(
    api: Api, tmp_path: Path, packages: Path, language: str
) -> None:
    stream = api.new_stream(NESTED_SCHEMA)
    body = {"name": unique("page"), "secondsToLive": 3600}
    token = api.ok("POST", "/multipass/api/tokens", json=body)["access_token"]
    programs = generated(stream, NESTED, token=token)

    done = run(language, programs, tmp_path, packages)

    assert done.returncode == 0, done.stderr
    assert stream.values() == [full(record, "ok", "tags", "place") for record in NESTED]


@pytest.mark.parametrize("language", ["curl", "python", "javascript", "java"])
def test_a_program_that_is_refused_fails_and_says_why(
    api: Api, stream: StreamUnderTest, tmp_path: Path, packages: Path, language: str
) -> None:
    wrong = [{"sensor_id": 7}]
    programs = generated(stream, wrong, **application_with_access(api, stream))

    done = run(language, programs, tmp_path, packages)

    assert done.returncode != 0
    assert "RecordDoesNotMatchStreamSchema" in done.stdout + done.stderr
    assert stream.values() == []
