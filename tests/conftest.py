"""The fixtures that every test may ask for; each kind lives in a module of ``fixtures``."""

pytest_plugins = ["fixtures.server", "fixtures.api"]
