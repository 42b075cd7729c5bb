"""Packaged files are found by folder and name, and a wrong name says what there is."""

from __future__ import annotations

import pytest

import resources


def test_a_folder_is_listed_in_order_and_by_ending() -> None:
    listed = resources.names("datasets")
    assert listed == tuple(sorted(listed))
    assert "README.md" in listed
    assert resources.names("datasets", ".csv") == ("digits.csv", "iris.csv")


def test_text_and_bytes_are_the_same_file() -> None:
    assert resources.read_text("datasets", "iris.csv").encode() == resources.read_bytes("datasets", "iris.csv")


def test_a_missing_file_names_the_files_there_are() -> None:
    with pytest.raises(FileNotFoundError, match=r"resources/datasets has no file 'wine.csv'; it has .*iris\.csv"):
        resources.read_text("datasets", "wine.csv")


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no folder 'sounds'"):
        resources.names("sounds")
    with pytest.raises(FileNotFoundError, match="no folder 'sounds'"):
        resources.read_bytes("sounds", "click.wav")


@pytest.mark.parametrize("name", ["", "..", "../__init__.py", "a/b", "a\\b", ".hidden"])
def test_only_plain_names_are_resources(name: str) -> None:
    with pytest.raises(FileNotFoundError, match="is not the name of a resource"):
        resources.read_bytes("datasets", name)
    with pytest.raises(FileNotFoundError, match="is not the name of a resource"):
        resources.names(name)
