"""What the repository looks like: who imports whom, what lies where, what wheel and locks hold."""

import re
import subprocess
import sys
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deliberate import __version__

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TOP = {
    "deliberate",
    "templates",
    "static",
    "tests",
    "config",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "requirements.lock",
    "requirements-dev.lock",
    "LICENSE",
    "CHANGELOG.md",
}
LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgres"]],
    "requirements-dev.lock": [
        *PROJECT["dependencies"],
        *chain.from_iterable(PROJECT["optional-dependencies"].values()),
    ],
}


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_packages_import_only_what_the_contracts_allow() -> None:
    said = run(Path(sys.executable).with_name("lint-imports"), "--no-cache")
    assert "Contracts: 3 kept, 0 broken." in said


def test_every_module_of_rules_is_held_to_be_pure() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    (pure,) = [each for each in tools["importlinter"]["contracts"] if each["id"] == "purity"]
    found = {f"deliberate.{path.parent.name}.{path.stem}" for path in ROOT.glob("deliberate/*/*_rules.py")}
    assert found == {name for name in pure["source_modules"] if name.endswith("_rules")}


def test_models_are_made_of_the_base_that_starts_quickly() -> None:
    for path in (ROOT / "deliberate").glob("*/*models.py"):
        assert "tortoise.models" not in path.read_text("utf-8"), f"{path.name}: take Model from live.model"


def test_a_package_that_imports_what_comes_later_breaks_the_contracts(tmp_path: Path) -> None:
    """The contracts hold because they look, and not because they look at nothing."""
    for name, text in {
        "__init__": "",
        "people/__init__": "",
        "people/rules": "import asyncio",
        "people/models": "from deliberate.people import pages",
        "people/pages": "from deliberate.voting import rules",
        "voting/__init__": "",
        "voting/rules": "",
        "consensus/__init__": "",
        "elsewhere": "",
    }.items():
        path = tmp_path / "deliberate" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    for package in re.findall(r'^    "deliberate\.(\w+)",$', (ROOT / "pyproject.toml").read_text(), re.M):
        (tmp_path / "deliberate" / package).mkdir(exist_ok=True)
        (tmp_path / "deliberate" / package / "__init__.py").touch()
    for path in ROOT.glob("deliberate/*/*_rules.py"):  # named by the contract, so it wants to find them
        (tmp_path / path.relative_to(ROOT)).touch()

    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "Contracts: 0 kept, 3 broken." in done.stdout, done.stdout + done.stderr
    assert "deliberate.people is not allowed to import deliberate.voting" in done.stdout
    assert "deliberate.people.models is not allowed to import deliberate.people.pages" in done.stdout
    assert "deliberate.people.rules is not allowed to import asyncio" in done.stdout
    assert "- deliberate.elsewhere" in done.stdout


def test_the_top_level_holds_what_belongs_there() -> None:
    if (ROOT / ".git").exists():
        listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
        names = {line.split("/")[0] for line in listed if (ROOT / line).exists()}
    else:
        names = {path.name for path in ROOT.iterdir()}
    assert {name for name in names if not name.startswith(".")} == TOP


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_no_address_and_a_hash_for_every_pin(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    pins = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^ *#.*\n?", "", text).strip())
    assert [
        pin for pin in pins if not re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==\S+ .*?\\\n +--hash=sha256:", pin)
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_answers_what_the_project_asks_for(lock: str) -> None:
    pinned = re.findall(r"(?m)^([a-z0-9-]+)(?:\[.*?\])?==(\S+)", (ROOT / lock).read_text("utf-8"))
    for asked in map(Requirement, LOCKS[lock]):
        versions = [version for name, version in pinned if name == asked.name]
        assert versions, f"{asked.name} is missing: make lock"
        assert all(version in asked.specifier for version in versions), (
            f"{asked} is not {versions}: make lock"
        )


def test_the_two_locks_agree() -> None:
    runtime, dev = (set(re.findall(r"(?m)^\S+==[^\\]+", (ROOT / lock).read_text("utf-8"))) for lock in LOCKS)
    assert runtime - dev == set()


def test_a_wheel_carries_templates_static_and_config_and_finds_them(tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist")
    wheel = tmp_path / "dist" / f"deliberate-{__version__}-py3-none-any.whl"

    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        archive.extractall(tmp_path / "site")

    for folder in ("templates", "static", "config"):
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert {f"deliberate/_data/{name}" for name in files} - held == set()
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "deliberate").rglob("*.py")}
    assert modules - held == set()
    assert [name for name in held if not name.startswith(("deliberate/", "deliberate-"))] == []

    found = run(
        sys.executable,
        "-c",
        "from deliberate.settings import data_path; print(data_path('config') / 'deliberate.example.toml')",
        cwd=tmp_path / "site",
    ).strip()
    assert Path(found) == tmp_path / "site" / "deliberate" / "_data" / "config" / "deliberate.example.toml"
    assert Path(found).is_file()
