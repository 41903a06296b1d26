"""The bundle: what is in it is enough to build the report where there is no network at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import PROJECT

BUNDLE, REBUILD = PROJECT / ".ci" / "bundle", PROJECT / ".ci" / "rebuild"


def run(*command: str | Path, **given: str) -> subprocess.CompletedProcess[str]:
    environment = {**{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}, **given}
    return subprocess.run(
        [str(part) for part in command], env=environment, capture_output=True, text=True, check=False, timeout=900
    )


@pytest.mark.slow
def test_the_report_is_built_and_checked_without_a_network(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or os.geteuid() != 0 or not (PROJECT / ".git").exists():
        pytest.skip("this needs root, unshare and a repository")
    commit = run("git", "-C", PROJECT, "rev-parse", "HEAD").stdout
    made = run(BUNDLE, tmp_path / "bundle.tar", PYTHON=sys.executable)
    assert made.returncode == 0, made.stderr
    run("tar", "xf", tmp_path / "bundle.tar", "-C", tmp_path)
    alone = ("unshare", "-n")
    asked = run(*alone, sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 5)")
    assert "Network is unreachable" in asked.stderr
    root = tmp_path / "groruddalen-stats"
    for target in ("report", "check", "data"):
        built = run(*alone, root / "rebuild", target, PYTHON=sys.executable)
        assert built.returncode == 0, built.stderr[-2000:]
    assert (root / "report" / "2011" / "appendix.pdf").read_bytes().startswith(b"%PDF")
    assert (root / "report" / "data" / "appendix.zip").exists()
    assert (root / "COMMIT").read_text(encoding="utf-8") == commit


def test_another_python_than_the_packages_are_for_is_named(tmp_path: Path) -> None:
    shutil.copy(REBUILD, tmp_path / "rebuild")
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "PYTHON").write_text("2.7 linux vax\n", encoding="utf-8")
    tried = run(tmp_path / "rebuild", PYTHON=sys.executable)
    assert tried.returncode == 1
    assert tried.stderr.startswith("the packages are for Python 2.7 linux vax, and ")


def test_a_folder_that_is_no_repository_has_no_bundle(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(BUNDLE, tmp_path / ".ci" / "bundle")
    tried = run(tmp_path / ".ci" / "bundle", GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert (tried.returncode, list(tmp_path.glob("dist/*"))) == (1, [])
    assert "clone the repository" in tried.stderr
