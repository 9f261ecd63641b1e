"""The guides that go on where the walk-through ends: their commands work and print what they say."""

import pytest

from fixtures.pages import examples, run
from fixtures.server import ServerProcess


@pytest.mark.parametrize("guide", ["push", "bulk", "read"])
def test_the_guides_commands_work_as_they_are_printed(
    own_server: ServerProcess, guide: str
) -> None:
    own_server.start()

    run([*examples("README.md"), *examples(f"docs/guides/{guide}.md")], own_server)
