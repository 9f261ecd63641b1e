"""What readers are told of the catalogue."""

from pathlib import Path

import pytest

from sluiceway.archive.settings import ArchiveSettings


def test_the_catalogue_of_the_data_folder_is_told():
    assert ArchiveSettings().own_catalog_uri(Path("/d")) == "sqlite:////d/warehouse.db"
    region = ArchiveSettings(catalog_properties={"s3.region": "eu"})
    assert region.own_catalog_uri(Path("/d")) == "sqlite:////d/warehouse.db"


@pytest.mark.parametrize(
    "settings",
    [
        ArchiveSettings(catalog_uri="postgresql://u:secret@h/d"),
        ArchiveSettings(catalog_properties={"uri": "postgresql://u:secret@h/d"}),
        ArchiveSettings(catalog_properties={"type": "glue"}),
    ],
)
def test_another_one_is_not_told_as_it_may_have_a_password(settings: ArchiveSettings):
    assert settings.own_catalog_uri(Path("/d")) is None
