"""The settings of the embedded log."""

import msgspec
import pytest

from sluiceway.backends.embedded.settings import EmbeddedLogSettings


@pytest.mark.parametrize(
    "raw",
    [
        {"readers": "1"},
        {"readers": "64"},
        {"group_bytes_max": "4096"},
        {"size_max_bytes": "0"},
        {"compression_level": "19"},
        {"segment_bytes": "65536"},
        {"segment_bytes": "4294967296"},
        {"notes_max": "1"},
        {"notes_keep_seconds": "1"},
        {"notes_keep_min_seconds": "0"},
    ],
)
def test_settings_within_their_bounds_are_taken(raw: dict[str, str]) -> None:
    msgspec.convert(raw, EmbeddedLogSettings, strict=False)


@pytest.mark.parametrize(
    "raw",
    [
        {"readers": "0"},
        {"readers": "65"},
        {"group_bytes_max": "4095"},
        {"size_max_bytes": "-1"},
        {"compression_level": "20"},
        {"segment_bytes": "65535"},
        {"segment_bytes": "4294967297"},
        {"notes_max": "0"},
        {"notes_keep_seconds": "0"},
        {"notes_keep_min_seconds": "-1"},
        {"reader": "1"},
    ],
)
def test_settings_past_their_bounds_and_unknown_ones_are_refused(raw: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(raw, EmbeddedLogSettings, strict=False)
