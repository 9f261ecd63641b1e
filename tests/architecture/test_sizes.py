"""No module over 500 lines and no function over 70."""

import subprocess
import sys

from fixtures.pages import ROOT


def test_every_module_and_function_is_within_the_limits() -> None:
    done = subprocess.run(
        [sys.executable, "tools/checks/sizes.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
