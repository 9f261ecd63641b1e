"""Sluiceway: a self-hosted server for push ingestion."""

from typing import Final

__version__: Final = "0.1.0"
