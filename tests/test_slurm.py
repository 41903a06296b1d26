"""The areas of a set on Debian's Slurm, all of it on this machine: the same bytes as without it.

Apart from the other tests (`make test-slurm`): it writes /etc/slurm/slurm.conf, which jobs find nowhere else, and starts
munged, slurmctld and slurmd, which it ends by their ids.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import small
from groruddalen_stats.paths import Paths
from test_workflow import files, snakemake

pytestmark = pytest.mark.slurm

CONF = Path("/etc/slurm/slurm.conf")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sinfo", "sbatch")
PYTHON = Path(os.environ.get("SLURM_PYTHON", ".venv-slurm/bin/python")).absolute()
"""A Python that has the executor; it is not in the one that others use, where it would slow every start."""
SET = ("areas", "--config", "set=oslo_bydeler", "year=2024")
CONFIGURATION = """ClusterName=here
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=here NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=60 State=UP
"""


def why_not() -> str:
    """Return why Slurm cannot be started here, if it cannot."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"without {', '.join(missing)}: apt-get install slurm-wlm munge"
    if os.geteuid() != 0:
        return "only root can start Slurm for its own user"
    if CONF.exists():
        return f"{CONF} is there: this machine has a Slurm of its own"
    if not PYTHON.exists():
        return f"no {PYTHON}: 'make test-slurm' puts the executor there"
    return ""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    if reason := why_not():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    started: list[subprocess.Popen[bytes]] = []
    try:
        _munge(folder)
        ports = _free_ports()
        CONF.parent.mkdir(exist_ok=True)
        CONF.write_text(CONFIGURATION.format(folder=folder, ports=ports), encoding="utf-8")
        for name in ("state", "spool"):
            (folder / name).mkdir()
        started += [subprocess.Popen(["slurmctld", "-D"]), subprocess.Popen(["slurmd", "-D", "-N", "here"])]
        _wait_for_idle(folder)
        yield folder
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=30)
        with suppress(OSError, ValueError):
            os.kill(int((folder / "munge" / "pid").read_text(encoding="ascii")), signal.SIGTERM)
        CONF.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _munge(folder: Path) -> None:
    own = folder / "munge"
    own.mkdir()
    folder.chmod(0o755)
    key = own / "key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    for path in (own, key):
        shutil.chown(path, "munge", "munge")
    options = {"key-file": key, "socket": own / "socket", "pid-file": own / "pid", "log-file": own / "log"}
    words = [f"--{name}={path}" for name, path in {**options, "seed-file": own / "seed"}.items()]
    subprocess.run(["munged", "--force", *words], check=True, user="munge", group="munge", timeout=30)


def _free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]


def _wait_for_idle(folder: Path) -> None:
    for _ in range(120):
        told = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False)
        if told.stdout.strip() == "idle":
            return
        time.sleep(0.5)
    logs = "\n".join(path.read_text(encoding="utf-8", errors="replace")[-2000:] for path in folder.glob("*.log"))
    pytest.skip(f"Slurm does not come up: {told.stdout}{told.stderr}\n{logs}")


def _said(paths: Paths, *more: str) -> str:
    """Build the set; return all that was said."""
    done = snakemake(paths, *SET, *more, python=f"{PYTHON}")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_fifteen_areas_in_batches_are_byte_for_byte_as_without_a_cluster(cluster: Path, tmp_path: Path) -> None:
    made = {}
    for name, more in (("cluster", ("--workflow-profile", "profiles/slurm")), ("local", ())):
        paths = small.copy_shipped(tmp_path / name, ("config", "data/raw", *small.CODE))
        said = _said(paths, *more)
        made[name] = files(paths)
        if name == "cluster":
            assert said.count("SLURM jobid") >= 2
            assert "Nothing to be done" in _said(paths, *more)
    assert len([name for name in made["local"] if name.endswith("appendix.pdf")]) == 15
    assert made["cluster"] == made["local"]
    assert (cluster / "slurmctld.log").exists()
