"""The guides that go on where the walk-through ends: their commands work and print what they say."""

import pytest

from fixtures.pages import examples, run
from fixtures.server import ServerProcess


def test_the_tables_guide_reads_what_the_walk_through_pushed(own_server: ServerProcess) -> None:
    own_server.environment["SLUICEWAY_ARCHIVE__ENABLED"] = "true"
    own_server.environment["SLUICEWAY_ARCHIVE__AGE_SECONDS"] = "1"
    own_server.start()

    run([*examples("README.md"), *examples("docs/guides/tables.md")], own_server)


@pytest.mark.parametrize("guide", ["sql", "push", "bulk", "read", "retention", "schema-changes"])
def test_the_guides_commands_work_as_they_are_printed(
    own_server: ServerProcess, guide: str
) -> None:
    own_server.start()

    run([*examples("README.md"), *examples(f"docs/guides/{guide}.md")], own_server)
