"""Access to the raw files under data/raw: only bytes that are the ones the lock names are handed out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import yaml

from groruddalen_stats.config.load import Strict, fault_at, load_model
from groruddalen_stats.config.models import Sidecar, Sources
from groruddalen_stats.errors import ConfigError, Fault, SnapshotError, did_you_mean
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.files import LOCK, changing, listed, recover

SIDECAR = ".meta.yaml"
RELOCK = "restore the file or fetch it again, or run 'groruddalen-stats lock' if the change is meant"
_HEAD = "# The sha256 of every raw file. Written by 'groruddalen-stats lock' and 'make fetch'; not edited by hand.\n"


class Lock(Strict):
    """data/raw/lock.yaml: the sha256 of every raw file by its path below data/raw."""

    files: dict[str, str]


@dataclass(frozen=True)
class Store:
    """The raw files of one project folder.

    Attributes:
        paths: the folder.
        given: bytes that are taken for those of a file, whatever the folder and the lock say.
    """

    paths: Paths
    given: Mapping[str, bytes] = field(default_factory=dict)

    def as_it_stands(self) -> Store:
        """Return the same files without the lock's say: a check of damaged files wants to say what they change."""
        found = {name: self.inspect(name)[0] for name in self.lock.files}
        return Store(self.paths, {**{name: content for name, content in found.items() if content}, **self.given})

    def has(self, name: str) -> bool:
        """Return whether there is such a raw file, damaged or not."""
        return name in self.given or name in self.lock.files

    @property
    def lock(self) -> Lock:
        """Return the lock as it was when it was first asked for."""
        # Not inside the cached property: in Python 3.11 that holds a lock of its own, and recovering may wait.
        recover(self.paths.raw)
        return self._lock

    @cached_property
    def _lock(self) -> Lock:
        return load_model(Lock, self.paths.lock)

    def read(self, name: str) -> bytes:
        """Return the bytes of one raw file, named by its path below data/raw with forward slashes."""
        if name in self.given:
            return self.given[name]
        content, fault = self.inspect(name)
        if fault is not None:
            raise SnapshotError(faults=[fault])
        return content

    def inspect(self, name: str) -> tuple[bytes, Fault | None]:
        """Return the bytes of one raw file and what is wrong with them, if anything."""
        path = self.paths.raw / name
        where = path.as_posix()
        # Before the file: asking for the lock finishes a change that was cut off.
        locked = self.lock.files.get(name)
        try:
            content = path.read_bytes()
        except OSError as error:
            what = f"the raw file cannot be read ({error.strerror or error})"
            return b"", Fault(what, where, "restore it from the repository, or fetch it with 'make fetch'")
        if locked is None:
            return content, Fault("the raw file is not in data/raw/lock.yaml", where, RELOCK)
        digest = hashlib.sha256(content).hexdigest()
        if digest == locked:
            return content, None
        return content, Fault(f"the file has sha256 {digest} but the lock says {locked}", where, RELOCK)

    def faults(self) -> list[Fault]:
        """Return what is wrong with the raw files as a whole: damaged, missing, unlocked, or one of file and sidecar."""
        names, sidecars = self.names(), self._sidecars()
        checked = [self.inspect(name)[1] for name in sorted({*names, *self.lock.files})]
        lacking = [
            Fault("the raw file has no sidecar", self._beside(name), "write where the file comes from")
            for name in names
            if name not in sidecars
        ]
        lone = [
            Fault("the sidecar's raw file is gone", self._beside(name), "delete the sidecar")
            for name in sidecars
            if name not in names
        ]
        return [*filter(None, checked), *lacking, *lone]

    def names(self) -> list[str]:
        """Return every raw file below data/raw, without sidecars and the lock."""
        return [name for name in self._listed() if not name.endswith(SIDECAR) and name != LOCK]

    def _sidecars(self) -> list[str]:
        return [name.removesuffix(SIDECAR) for name in self._listed() if name.endswith(SIDECAR)]

    def _listed(self) -> list[str]:
        return [path.relative_to(self.paths.raw).as_posix() for path in listed(self.paths.raw)]

    def _beside(self, name: str) -> str:
        return (self.paths.raw / f"{name}{SIDECAR}").as_posix()

    def sidecar(self, name: str) -> Sidecar:
        """Return what is known of one raw file; see :func:`~groruddalen_stats.config.load.load_model`."""
        return load_model(Sidecar, self.paths.raw / f"{name}{SIDECAR}")

    def require_sidecars(self, sources: Sources) -> None:
        """Read every sidecar.

        Raises:
            ConfigError: one fault per wrong key, per publisher or licence that config/sources.yaml does not have, and
                per one that its source's entry there says already.
        """
        entries = {path for key, source in sources.sources.items() for path in source.paths(key)}
        faults: list[Fault] = []
        for name in self._sidecars():
            path = self.paths.raw / f"{name}{SIDECAR}"
            try:
                sidecar = self.sidecar(name)
            except ConfigError as error:
                faults.extend(error.faults)
                continue
            for key, word, known in (
                ("publisher", sidecar.publisher, sources.publishers),
                ("licence", sidecar.licence, sources.licences),
            ):
                if word is not None and name in entries:
                    faults.append(fault_at(path, (key,), f"config/sources.yaml says the {key} already", "delete it"))
                elif word is not None and word not in known:
                    faults.append(fault_at(path, (key,), f"unknown {key} '{word}'", did_you_mean(word, known)))
        if faults:
            raise ConfigError(faults=faults)

    def put(self, files: Mapping[str, bytes], beside: Mapping[str, bytes]) -> None:
        """Write ``files`` with their hashes in the lock, and ``beside``, which is not locked, as one change.

        Raises:
            ConfigError: when the lock on disk is damaged; nothing is changed then.
        """
        with changing(self.paths.raw) as change:
            hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
            change |= {**files, **beside, LOCK: _text({**self._hashes(), **hashes})}

    def relock(self, names: Iterable[str] | None = None) -> list[str]:
        """Write the present state of the raw files (or of ``names``) into the lock; return those that changed."""
        with changing(self.paths.raw) as change:
            before, present = self._hashes(), self.names()
            chosen = {*present, *before} if names is None else set(names)
            after = {name: digest for name, digest in before.items() if name not in chosen}
            for name in chosen.intersection(present):
                after[name] = hashlib.sha256((self.paths.raw / name).read_bytes()).hexdigest()
            change[LOCK] = _text(after)
        return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))

    def _hashes(self) -> dict[str, str]:
        """Return the hashes of the lock that is on disk now, if there is one."""
        return load_model(Lock, self.paths.lock).files if self.paths.lock.exists() else {}


def sidecar(said: Mapping[str, object]) -> bytes:
    """Return the text of a sidecar that is written for a person."""
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110).encode()


def _text(hashes: Mapping[str, str]) -> bytes:
    return (_HEAD + yaml.safe_dump({"files": dict(sorted(hashes.items()))}, allow_unicode=True, width=10**9)).encode()
