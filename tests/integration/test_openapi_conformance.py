"""Whatever is sent, the answers are those that the served OpenAPI document describes.

The server is the test's own: requests are made up, and some of them do damage. The token of
each operation is a new one, since some calls end tokens; ids that are put in for made-up ones are
never the administrator's own, as disabling it would end the test and not the server.
"""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fixtures.api import Api, field, schema, unique
from fixtures.server import ServerProcess, sign_in

pytestmark = pytest.mark.timeout(300)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
REAL_EVERY = 2
"""One in so many made-up paths gets ids of things that are there."""

ENDLESS = "watchStream"
"""Of something that is there, its answer has no end."""


class World:
    """A server with one of everything, and its description."""

    def __init__(self, server: ServerProcess) -> None:
        self.api = Api(server.url, sign_in(server.url))
        self.session = requests.Session()
        self.document = self.api.ok("GET", "/api/openapi.json")
        self.folder = self.api.new_project()
        stream = self.api.new_stream(folder=self.folder)
        letters = f"/api/v1/streams/{stream.rid}/master/records?onInvalid=dead-letter"
        self.api.ok("POST", letters, json=[{"sensor_id": number} for number in range(3)])
        self.binary = self.api.new_stream(schema(field("payload", "binary")), self.folder)
        dataset = {"name": unique("dataset"), "parentFolderRid": self.folder}
        self.dataset_rid: str = self.api.ok("POST", "/api/v2/datasets", json=dataset)["rid"]
        file = self.api.ok(
            "POST",
            f"/api/v2/datasets/{self.dataset_rid}/files/a/upload",
            content=b"a",
            headers={"Content-Type": "application/octet-stream"},
        )
        user_id, _ = self.api.new_user()
        self.ids = {
            "dataset_rid": stream.rid,
            "branch_name": "master",
            "view_rid": stream.view(),
            "partition_id": "0",
            "letter_id": "0",
            "folder_rid": self.folder,
            "project_rid": self.folder,
            "resource_rid": stream.rid,
            "rid": stream.rid,
            "user_id": user_id,
            "role_id": "editor",
            "transaction_rid": file["transactionRid"],
            "file_path": "a",
        }

    def token(self) -> str:
        """Make a token that may be lost."""
        body = {"name": unique("token"), "description": "", "secondsToLive": 3_600}
        token: str = self.api.ok("POST", "/multipass/api/tokens", json=body)["access_token"]
        return token

    def check(self, case: schemathesis.Case, headers: dict[str, str]) -> None:
        """Send a made-up request and check its answer."""
        case.call_and_validate(
            base_url=self.api.url, session=self.session, headers=headers, checks=CHECKS
        )

    def close(self) -> None:
        self.session.close()
        self.api.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    server = ServerProcess(tmp_path_factory.mktemp("conformance") / "data").start()
    world = World(server)
    yield world
    world.close()
    assert server.stop() == 0
    assert "Traceback" not in server.errors, server.errors


Made = list[tuple[Any, list[schemathesis.Case]]]
"""Each operation, and the requests that were made up for it."""

Send = Callable[[schemathesis.Case], None]


@pytest.fixture(scope="module")
def made(world: World, pytestconfig: pytest.Config) -> Made:
    """Make requests up: that takes longer than to send them, so all tests send the same ones."""
    operations = [
        result.ok()
        for result in schemathesis.openapi.from_dict(world.document).get_all_operations()
    ]
    examples: int = pytestconfig.getoption("openapi_examples")
    return [(operation, _made_up(operation, examples)) for operation in operations]


def _made_up(operation: Any, examples: int) -> list[schemathesis.Case]:
    cases: list[schemathesis.Case] = []

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    )
    def take(case: schemathesis.Case) -> None:
        cases.append(case)

    take()
    assert cases
    return cases


def _failures(made: Made, send_of: Callable[[Any], Send]) -> list[str]:
    """Send what was made up for every operation; tell what was not as described."""
    failures = []
    for operation, cases in made:
        send = send_of(operation)
        try:
            for case in cases:
                send(case)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - all operations are tried
            failures.append(f"{operation.label}: {_shown(error)}")
    return failures


def _shown(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(_shown(one) for one in error.exceptions)
    return f"{type(error).__name__} {error} {''.join(getattr(error, '__notes__', []))}"[:3_000]


def test_an_administrator_gets_only_answers_that_are_described(world: World, made: Made):
    def send_of(operation: Any) -> Send:
        headers = {"Authorization": f"Bearer {world.token()}"}
        name = operation.definition.raw["operationId"]

        def send(case: schemathesis.Case) -> None:
            if name != ENDLESS and secrets.randbelow(REAL_EVERY) == 0:
                for parameter in case.path_parameters:
                    if parameter in world.ids:
                        case.path_parameters[parameter] = world.ids[parameter]
                if operation.path.startswith("/api/v2/datasets/{dataset_rid}"):
                    case.path_parameters["dataset_rid"] = world.dataset_rid
            if (
                name == "publishBinaryRecord"
                and case.path_parameters["dataset_rid"] in world.ids.values()
            ):
                case.path_parameters["dataset_rid"] = world.binary.rid
            world.check(case, headers)

        return send

    failures = _failures(made, send_of)

    assert failures == [], "\n\n".join(failures)


def test_nobody_gets_only_answers_that_are_described(world: World, made: Made):
    failures = _failures(made, lambda _: lambda case: world.check(case, {"X-Request": "1"}))

    assert failures == [], "\n\n".join(failures)
