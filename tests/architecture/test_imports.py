"""What is imported by whom: commands that need little load little."""

import json
import subprocess
import sys

import pytest

from fixtures.server import clean_environment

HEAVY = {"alembic", "argon2", "authlib", "litestar", "sqlalchemy", "uvicorn", "uvloop"}
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


def test_the_schema_package_stands_alone() -> None:
    packages = imported_by("import sluiceway.schema.compiled, sluiceway.schema.inference")

    assert not packages & (HEAVY | {"click", "httpx"})


def test_a_server_has_no_library_of_columns_before_something_needs_it() -> None:
    packages = imported_by("import sluiceway.app.server, sluiceway.app.worker, sluiceway.app.web")

    assert "litestar" in packages
    assert not packages & {"duckdb", "pyarrow", "pyiceberg"}
