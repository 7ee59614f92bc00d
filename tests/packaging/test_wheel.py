"""What is shipped: the sdist and the wheel, built without a network, and used away from the clone."""

from __future__ import annotations

import email
import json
import re
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

from tests.packaging.installing import REPOSITORY, built, feint, installed, run

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = sorted(
    path.name for root in ("plugins", "sandbox") for path in (REPOSITORY / root).iterdir() if any(path.glob("*.py"))
)
PERMISSIVE = re.compile(r"Apache|MIT|BSD|PSF|ISC", re.IGNORECASE)
COPYLEFT = {  # what is neither permissive nor refused, each with the reason why it may be depended upon
    "pysigma": "LGPL 2.1: imported as it is, from its own package, never copied or changed",
    "pysigma-backend-sqlite": "LGPL 3: as pySigma",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of what git tracks, as it stands in the working tree, and a file that was left lying about."""
    clone = tmp_path_factory.mktemp("clone")
    tracked = run("git", "ls-files", "-z", cwd=REPOSITORY).split("\0")
    for name in filter(None, tracked):
        if (REPOSITORY / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((REPOSITORY / name).read_bytes())
    (clone / "plugins" / "stray.py").write_text("", encoding="utf-8")
    return clone


@pytest.fixture(scope="module")
def wheel(clone, tmp_path_factory):
    (path,) = built(clone, tmp_path_factory.mktemp("wheel") / "dist", "--wheel")
    return path


@pytest.fixture(scope="module")
def sdist(clone, tmp_path_factory):
    (path,) = built(clone, tmp_path_factory.mktemp("sdist") / "dist", "--sdist")
    return path


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    return installed(wheel, tmp_path_factory.mktemp("installed") / "site")


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_our_packages_and_nothing_else(wheel):
    tops = {PurePosixPath(name).parts[0] for name in contents(wheel)}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"simulator", *PACKAGES}


def test_every_package_is_listed_wherever_packages_are():
    paths = [str(path.relative_to(REPOSITORY)) for name in PACKAGES for path in REPOSITORY.glob(f"[ps]*/{name}")]
    contracts = {each["type"]: each for each in PROJECT["tool"]["importlinter"]["contracts"]}

    assert sorted(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(
        ["simulator", "playbooks", *paths]
    )
    assert sorted(PROJECT["project"]["entry-points"]["simulator"].values()) == PACKAGES
    assert sorted(PROJECT["tool"]["importlinter"]["root_packages"]) == ["simulator", *PACKAGES]
    assert sorted(contracts["forbidden"]["forbidden_modules"]) == PACKAGES
    assert sorted(contracts["independence"]["modules"]) == PACKAGES


def test_every_source_and_data_file_is_in_the_wheel(clone, wheel):
    shipped = set(contents(wheel))
    expected = {
        PurePosixPath(path.relative_to(root)).as_posix()
        for root, folders in ((clone, ["simulator"]), (clone / "plugins", PACKAGES), (clone / "sandbox", PACKAGES))
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.is_file()
    }
    expected |= {
        f"simulator/playbooks/{path.relative_to(clone / 'playbooks').as_posix()}"
        for path in (clone / "playbooks").rglob("*")
        if path.is_file()
    }

    assert {name for name in shipped if ".dist-info/" not in name} == expected
    assert {f"{package}/py.typed" for package in ("simulator", *PACKAGES)} <= shipped
    assert any(name.startswith("simulator/playbooks/worlds/") for name in shipped)


def test_nothing_but_data_lies_among_the_playbooks(clone):
    endings = {path.suffix for path in (clone / "playbooks").rglob("*") if path.is_file()}

    assert endings <= {".yaml", ".yml", ".md"}


def test_a_wheel_made_of_the_sdist_is_the_wheel_made_of_the_tree(wheel, sdist, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    (again,) = built(unpacked, tmp_path / "dist", "--wheel")

    assert contents(again) == contents(wheel)


def test_the_installed_package_lists_checks_and_plays_from_anywhere(site, tmp_path):
    where = feint("list", "--json", cwd=tmp_path, packages=site)
    (name, *_) = sorted(each["name"] for each in json.loads(where))
    (shipped,) = (site / "simulator" / "playbooks").glob(f"*/{name}.yaml")

    assert feint("check", shipped, cwd=tmp_path, packages=site) == f"{shipped}: fine\n"
    assert set(feint("plugins", cwd=tmp_path, packages=site).split()) >= set(
        PROJECT["project"]["entry-points"]["simulator"]
    )
    feint("play", name, "--no-score", "--out", "run", cwd=tmp_path, packages=site)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert name in json.dumps(manifest)


def test_the_metadata_say_what_a_stranger_needs(wheel):
    (path,) = (name for name in contents(wheel) if name.endswith(".dist-info/METADATA"))
    said = email.message_from_bytes(contents(wheel)[path])

    assert said["Name"] == "feint"
    assert said["License-Expression"] == "Apache-2.0"
    assert said["License-File"] == "LICENSE"
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload().startswith("# Feint")


EXTRAS = PROJECT["project"]["optional-dependencies"]


@pytest.mark.parametrize("requirement", [*PROJECT["project"]["dependencies"], *EXTRAS["fast"], *EXTRAS["otlp"]])
def test_dependencies_have_licenses_that_users_can_live_with(requirement):
    name = re.match(r"[\w.-]+", requirement)[0].lower()
    said = metadata.metadata(name)
    classifiers = [each for each in said.get_all("Classifier", []) if each.startswith("License ::")]
    terms = said["License-Expression"] or " ".join([*classifiers, (said["License"] or "").partition("\n")[0]])
    if not terms.strip():  # it says so only in the file that it ships
        files = [each for each in metadata.files(name) or [] if "LICENSE" in each.name]
        terms = " ".join(each.read_text().partition("\n")[0] for each in files)

    assert "AGPL" not in terms
    assert "Affero" not in terms
    assert name in COPYLEFT or PERMISSIVE.search(terms), terms
    assert name in COPYLEFT or "GPL" not in terms, terms
