"""The package as it is installed from a wheel, not from the folder of its sources."""

import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.pages import ROOT
from fixtures.server import ServerProcess, clean_environment, sign_in


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel and install it beside the suite's own libraries; gives the folder."""
    folder = tmp_path_factory.mktemp("installed")
    uv = Path(sys.executable).parent / "uv"
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--no-deps"]
    subprocess.run([*command, "--target", folder, ROOT], check=True, timeout=110)
    return folder


def test_the_server_runs_from_the_wheel(installed: Path, own_server: ServerProcess):
    environment = {"PYTHONPATH": str(installed)}
    loaded = subprocess.check_output(
        [sys.executable, "-c", "import sluiceway; print(sluiceway.__file__)"],
        env=clean_environment() | environment,
        text=True,
    )
    assert loaded.strip() == str(installed / "sluiceway" / "__init__.py")
    own_server.environment |= environment

    own_server.start()

    assert sign_in(own_server.url)


def test_the_wheel_holds_what_is_no_module(installed: Path):
    package = installed / "sluiceway"

    assert (package / "py.typed").is_file()
    assert list((package / "backends/sql/migrations/versions").glob("0001_*.py"))
    assert (installed / "bin" / "sluiceway").is_file()
    assert list(installed.glob("sluiceway-*.dist-info/licenses/LICENSE"))
