"""The README: what it tells a reader to do works, word for word."""

import re

from fixtures.pages import ROOT, examples, run
from fixtures.server import ServerProcess


def test_the_walk_through_works_as_it_is_printed(own_server: ServerProcess) -> None:
    own_server.start()

    run(examples("README.md"), own_server)

    assert "Traceback" not in own_server.errors


def test_setting_up_takes_two_commands_that_the_makefile_has() -> None:
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()

    console = "\n".join(re.findall(r"^```console\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE))
    commands = re.findall(r"^\$ (make [a-z]+)", console, re.MULTILINE)

    assert commands == ["make run", "make test"]
    for command in commands:
        assert re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE)
