from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from app.settings import MAX_RECENT, SETTINGS, SPEED, THEME, UserSettings, default_path
from engine.setting import SettingError

BYTES = bytes(range(256))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "settings.ini"


def reopened(path: Path) -> UserSettings:
    return UserSettings(str(path))


def ini(path: Path, lines: str) -> UserSettings:
    path.parent.mkdir()
    path.write_text("[General]\n" + lines, "utf-8")
    return reopened(path)


def test_at_first_everything_has_its_default(path: Path) -> None:
    settings = reopened(path)
    assert [settings.value(setting) for setting in SETTINGS] == [setting.default for setting in SETTINGS]
    assert (settings.theme, settings.speed, settings.recent_files) == ("system", SPEED.default, ())
    assert settings.window_geometry == b""


def test_each_setting_has_a_name_of_its_own_and_a_default_that_it_accepts() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.check(setting.default) == setting.default for setting in SETTINGS)


def test_what_is_set_is_there_next_time(path: Path) -> None:
    settings = reopened(path)
    settings.theme = "dark"
    settings.speed = 0.1
    settings.window_geometry = BYTES
    again = reopened(path)
    assert (again.theme, again.speed) == ("dark", 0.1)
    assert again.window_geometry == BYTES


def test_full_speed_is_kept(path: Path) -> None:
    settings = reopened(path)
    settings.speed = None
    assert reopened(path).speed is None
    assert settings.speed is None


@pytest.mark.parametrize("theme", ["pink", "", "Dark"])
def test_a_value_that_is_no_choice_is_refused_and_the_old_one_stays(path: Path, theme: str) -> None:
    settings = reopened(path)
    settings.theme = "light"
    with pytest.raises(SettingError):
        settings.theme = theme
    assert reopened(path).theme == "light"


def test_changes_are_told_and_what_stays_is_not(path: Path, qtbot: QtBot) -> None:
    settings = reopened(path)
    with qtbot.waitSignal(settings.changed, check_params_cb=lambda name: name == THEME.name):
        settings.theme = "dark"
    with qtbot.assertNotEmitted(settings.changed):
        settings.theme = "dark"


@pytest.mark.parametrize(
    "name", ["a b.bplab", "a,b;c.bplab", 'quote".bplab', "back\\slash.bplab", "梯度 ∂.bplab", "100%.bplab"]
)
def test_recent_files_of_any_name_are_kept(path: Path, tmp_path: Path, name: str) -> None:
    settings = reopened(path)
    settings.add_recent_file(str(tmp_path / name))
    assert reopened(path).recent_files == (str(tmp_path / name),)


def test_the_newest_file_comes_first_each_stands_once_and_the_oldest_goes(path: Path, tmp_path: Path) -> None:
    settings = reopened(path)
    paths = [str(tmp_path / f"{number}.bplab") for number in range(MAX_RECENT + 2)]
    for each in paths:
        settings.add_recent_file(each)
    assert settings.recent_files == tuple(paths[:1:-1])
    settings.add_recent_file(paths[5])
    assert settings.recent_files[:2] == (paths[5], paths[-1])
    assert len(settings.recent_files) == MAX_RECENT
    settings.remove_recent_file(paths[5])
    assert paths[5] not in settings.recent_files
    settings.clear_recent_files()
    assert reopened(path).recent_files == ()


def test_a_relative_path_is_kept_in_full(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = reopened(path)
    settings.add_recent_file("net.bplab")
    settings.add_recent_file(str(tmp_path / "net.bplab"))
    assert settings.recent_files == (str(tmp_path / "net.bplab"),)


@pytest.mark.parametrize(
    "lines",
    [
        "theme=pink\nspeed=fast\nrecent_files=abc\nwindow_geometry=???\n",
        "theme=light, dark\nspeed=-1\nrecent_files={}\nwindow_geometry=A\n",
        "theme=@Invalid()\nspeed=NaN\nrecent_files=[1, 2]\nwindow_geometry=@ByteArray(abc)\n",
        "theme=\nspeed=1e999\nrecent_files=null\nwindow_geometry=a, b\n",
        f"speed={'9' * 400}\n",
        f"speed={'9' * 5000}\n",
        f"theme=@Variant(\\0\\0)\nspeed={'9' * 400}\nrecent_files={'[' * 5000}\nwindow_geometry=\\xd800\n",
        'theme\nspeed=true\nrecent_files="[\\"a\\", \\"a\\"]"\nwindow_geometry\n',
        "theme[\0\0\nspeed=[5]\n",
    ],
)
def test_damaged_values_have_their_defaults_and_can_be_set_again(path: Path, lines: str) -> None:
    settings = ini(path, lines)
    assert (settings.theme, settings.speed, settings.recent_files) == ("system", SPEED.default, ())
    assert settings.window_geometry == b""
    settings.theme, settings.speed = "dark", 5.0
    assert (reopened(path).theme, reopened(path).speed) == ("dark", 5.0)


def test_one_damaged_value_does_no_harm_to_the_others(path: Path) -> None:
    settings = ini(path, f"theme=pink\nspeed=3\nrecent_files={json.dumps(json.dumps(['/a']))}\n")
    assert (settings.theme, settings.speed, settings.recent_files) == ("system", 3.0, ("/a",))


def test_a_file_that_is_no_ini_file_at_all_is_survived(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(BYTES * 10)
    settings = reopened(path)
    assert settings.theme == "system"
    settings.theme = "dark"
    assert settings.theme == "dark"


def test_too_many_recent_files_in_the_file_are_cut(path: Path) -> None:
    many = [f"/{number}" for number in range(50)]
    settings = ini(path, f"recent_files={json.dumps(json.dumps(many))}\n")
    assert settings.recent_files == tuple(many[:MAX_RECENT])


def test_the_place_is_the_systems_one_for_settings(qapp: QCoreApplication, home: Path) -> None:
    place = Path(default_path())
    assert place.name == "settings.ini"
    assert home in place.parents
