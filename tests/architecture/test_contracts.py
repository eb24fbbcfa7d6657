"""The rules that nobody would notice breaking."""

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def test_the_houses_import_only_what_they_may() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_file_is_longer_than_300_lines() -> None:
    names = subprocess.run(["git", "ls-files", "*.py"], cwd=_ROOT, capture_output=True, text=True, check=True)
    long = [
        name
        for name in names.stdout.split()
        if "migrations" not in name and len((_ROOT / name).read_text().splitlines()) > 300
    ]
    assert long == []


def test_no_lock_file_names_an_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (_ROOT / name).read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
