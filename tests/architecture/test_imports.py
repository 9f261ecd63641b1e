"""What is imported by whom: commands that need little load little."""

import json
import re
import subprocess
import sys

import pytest

from fixtures.api import Api, field
from fixtures.server import ServerProcess, clean_environment, sign_in

HEAVY = {"alembic", "argon2", "authlib", "litestar", "sqlalchemy", "uvicorn", "uvloop"}
NOT_FOR_A_START = {
    *("alembic", "asyncpg", "duckdb", "httpx", "psycopg", "pyarrow", "pydantic", "pyiceberg"),
    *("sqlalchemy.dialects.mysql", "sqlalchemy.dialects.postgresql"),
}
LIST_IMPORTED = (
    "import json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
)


def imported_by(code: str) -> set[str]:
    """Name the top packages that are there after *code* ran in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LIST_IMPORTED}"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_imports_nothing_else() -> None:
    packages = imported_by("import sluiceway")

    assert not packages & (HEAVY | {"click", "httpx", "msgspec"})


@pytest.mark.parametrize("module", ["sluiceway.settings", "sluiceway.cli", "sluiceway.cli.check"])
def test_reading_settings_needs_no_server_code(module: str) -> None:
    assert not imported_by(f"import {module}") & HEAVY


def test_the_demo_needs_no_server_code_until_it_makes_a_token() -> None:
    assert not imported_by("import sluiceway.cli.demo") & HEAVY


def test_a_server_has_none_of_what_only_its_archiver_needs() -> None:
    packages = imported_by("import sluiceway.cli.serve")

    assert not packages & {"pyarrow", "pyiceberg", "duckdb"}


def test_the_schema_package_stands_alone() -> None:
    packages = imported_by("import sluiceway.schema.compiled, sluiceway.schema.inference")

    assert not packages & (HEAVY | {"click", "httpx"})


def test_a_worker_answers_without_the_framework() -> None:
    assert not imported_by("import sluiceway.cli.worker") & {"litestar", "alembic", "httpx"}


def test_a_start_up_to_the_first_record_imports_only_what_it_needs(
    own_server: ServerProcess,
) -> None:
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream({"fields": [field("text", "string")]})
    own_server.stop()
    own_server.environment["PYTHONPROFILEIMPORTTIME"] = "1"

    own_server.start()
    with Api(own_server.url, api.token) as api:
        assert api.ok("GET", "/healthz")["status"] == "ok"
        assert stream.as_(api).publish({"text": "first"}).status_code == 204
    own_server.stop()

    imported = set(re.findall(r"^import time:.*\| +(\S+)$", own_server.errors, re.MULTILINE))
    assert "sluiceway.app.web" in imported
    assert not imported & NOT_FOR_A_START
