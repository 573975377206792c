"""The home: `--home`, else CAIRN_HOME, else FLET_APP_STORAGE_DATA, else the platform's folder."""

from pathlib import Path

from app.locations import home_folder, server_folder

ALL = {"CAIRN_HOME": "/of/cairn", "FLET_APP_STORAGE_DATA": "/of/flet"}


def test_home_on_the_command_line_counts_before_the_environment() -> None:
    assert home_folder("/given", ALL) == Path("/given").absolute()


def test_cairn_home_counts_before_a_packaged_apps_folder() -> None:
    assert home_folder(None, ALL) == Path("/of/cairn").absolute()


def test_a_packaged_app_keeps_its_home_where_the_system_lets_it() -> None:
    environ = ALL | {"CAIRN_HOME": ""}
    assert home_folder(None, environ) == Path("/of/flet").absolute()


def test_without_any_word_the_home_is_in_the_persons_data_folder() -> None:
    assert home_folder(None, {}).name == "cairn"
    assert home_folder(None, {}).is_absolute()


def test_a_tilde_means_the_persons_own_folder() -> None:
    assert home_folder("~/hut", {}) == Path.home() / "hut"


def test_a_relative_home_is_made_whole_at_once() -> None:
    assert home_folder("hut", {}) == Path.cwd() / "hut"


def test_a_servers_folder_is_not_the_home_itself() -> None:
    assert server_folder(None, Path("/home")) == Path("/home/server")
    assert server_folder("/data", Path("/home")) == Path("/data").absolute()
