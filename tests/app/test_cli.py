from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app.cli import VERSION, Options, parse

PYPROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"


def test_without_arguments_nothing_was_asked_for() -> None:
    assert parse([]) == Options(None, None)


def test_a_file_and_a_theme() -> None:
    assert parse(["net.bplab", "--theme", "dark"]) == Options("net.bplab", "dark")
    assert parse(["--theme=light", "/a folder/net.bplab"]) == Options("/a folder/net.bplab", "light")


def test_a_file_whose_name_looks_like_an_option() -> None:
    assert parse(["--", "--theme"]) == Options("--theme", None)


@pytest.mark.parametrize("arguments", [["--theme", "pink"], ["--theme"], ["--no-such-option"], ["a.bplab", "b.bplab"]])
def test_what_is_not_understood_is_explained_on_stderr(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(arguments)
    assert caught.value.code == 2
    assert "usage: backprop-lab" in capsys.readouterr().err


def test_version_is_the_one_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    version = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["version"]
    assert version == VERSION
    with pytest.raises(SystemExit) as caught:
        parse(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"Backprop Lab {version}\n"


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("FILE", "--theme", "system", "light", "dark", "--version", "--help"))
