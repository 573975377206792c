"""The workflow that builds every package elsewhere: what it calls is there. It is not run here."""

import re
from typing import Any

import pytest
import yaml

import project

PATH = project.ROOT / ".github/workflows/packages.yml"
TEXT = PATH.read_text(encoding="utf-8")
JOBS: dict[str, Any] = yaml.safe_load(TEXT)["jobs"]
RUN = "\n".join(step.get("run", "") for job in JOBS.values() for step in job["steps"])


def test_it_says_that_it_is_not_run_here() -> None:
    assert "Not run where this project is made" in TEXT.split("\nname:")[0]


def test_there_is_a_package_for_every_system() -> None:
    desktops = JOBS["desktop"]["strategy"]["matrix"]["system"]
    phones = [each["target"] for each in JOBS["phone"]["strategy"]["matrix"]["include"]]

    assert {name.partition("-")[0] for name in desktops} == {"ubuntu", "macos", "windows"}
    assert phones == ["apk", "aab", "ipa"]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"^make ([a-z]+)", RUN, re.M))))
def test_what_it_makes_is_in_the_makefile(target: str) -> None:
    makefile = (project.ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(rf"^{target}:", makefile, re.M)


@pytest.mark.parametrize("module", sorted(set(re.findall(r"-m ([a-z_]+\.[a-z_]+)", RUN))))
def test_the_recipes_that_it_runs_are_there(module: str) -> None:
    assert (project.ROOT / "build" / module.replace(".", "/")).with_suffix(".py").is_file()


def test_flutter_is_the_one_that_flet_names() -> None:
    from flet.version import flutter_version

    assert f'flutter-version: "{flutter_version}"' in TEXT
