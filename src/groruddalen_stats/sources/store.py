"""Turns the raw files under data/raw into bytes that are known to be the ones the lock names."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import yaml
from pydantic import ConfigDict

from groruddalen_stats.config.load import Strict, fault_at, load_model
from groruddalen_stats.config.models import Sidecar
from groruddalen_stats.errors import ConfigError, Fault, SnapshotError, did_you_mean
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.sources.journal import LITTER, recover

SIDECAR = ".meta.yaml"
RELOCK = "restore the file, or run 'groruddalen-stats lock' if the change is meant"


class Entry(Strict):
    """What the lock knows of one raw file; a fetched one also carries where its bytes came from."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    bytes: int
    sha256: str
    lines: str | None = None


class Lock(Strict):
    """data/raw/lock.yaml: every raw file by its path below data/raw."""

    files: dict[str, Entry]


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
        return Store(self.paths, {name: content for name, content in found.items() if content})

    @property
    def lock(self) -> Lock:
        """Return the lock as it was when it was first asked for.

        Raises:
            ConfigError: when data/raw/lock.yaml is missing or is not a lock.
        """
        # Not inside the cached property: in Python 3.11 that holds a lock of its own, and recovering may wait.
        recover(self.paths.raw)
        return self._lock

    @cached_property
    def _lock(self) -> Lock:
        return load_model(Lock, self.paths.lock)

    def read(self, name: str) -> bytes:
        """Return the bytes of one raw file.

        Args:
            name: path below data/raw, with forward slashes.

        Raises:
            SnapshotError: when the file is missing, is not in the lock, or differs from it; both hashes are named,
                and for a text file the lines that differ.
        """
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
        try:
            content = path.read_bytes()
        except OSError as error:
            what = f"the raw file cannot be read ({error.strerror or error})"
            return b"", Fault(what, where, "restore it from the repository, or fetch it with 'make fetch'")
        entry = self.lock.files.get(name)
        if entry is None:
            return content, Fault("the raw file is not in data/raw/lock.yaml", where, RELOCK)
        digest = hashlib.sha256(content).hexdigest()
        if digest == entry.sha256:
            return content, None
        changed = _changed_lines(content, entry.lines)
        what = f"the file has sha256 {digest} but the lock says {entry.sha256}{changed}"
        return content, Fault(what, where, RELOCK)

    def faults(self) -> list[Fault]:
        """Return what is wrong with the raw files as a whole: damaged, missing, unlocked, or one of file and sidecar."""
        found = [fault for name in sorted(self.lock.files) if (fault := self.inspect(name)[1])]
        for name in self.names():
            if name not in self.lock.files:
                found.append(
                    Fault(
                        "the raw file is not in data/raw/lock.yaml",
                        (self.paths.raw / name).as_posix(),
                        RELOCK,
                    )
                )
            if not (self.paths.raw / (name + SIDECAR)).exists():
                where = (self.paths.raw / (name + SIDECAR)).as_posix()
                found.append(Fault("the raw file has no sidecar", where, "write where the file comes from"))
        lone = (
            path
            for path in sorted(self.paths.raw.rglob(f"*{SIDECAR}"))
            if not path.with_name(path.name.removesuffix(SIDECAR)).exists()
        )
        found += [Fault("the sidecar's raw file is gone", path.as_posix(), "delete the sidecar") for path in lone]
        return found

    def names(self) -> list[str]:
        """Return every raw file below data/raw, without sidecars and the lock."""
        root = self.paths.raw
        recover(root)
        return sorted(
            path.relative_to(root).as_posix()
            for path in root.rglob("*")
            if path.is_file()
            and not path.name.startswith(".")
            and not path.name.endswith((SIDECAR, ".part"))
            and path.name.casefold() not in LITTER
            and path != self.paths.lock
        )

    def sidecar(self, name: str) -> Sidecar:
        """Return where one raw file comes from; see :func:`~groruddalen_stats.config.load.load_model`."""
        return load_model(Sidecar, self.paths.raw / (name + SIDECAR))

    def require_sidecars(self, publishers: Collection[str], licences: Collection[str]) -> None:
        """Read every sidecar.

        Raises:
            ConfigError: one fault per wrong key, and per publisher or licence that config/sources.yaml does not have.
        """
        faults: list[Fault] = []
        for name in self.names():
            path = self.paths.raw / (name + SIDECAR)
            if not path.exists():
                continue
            try:
                sidecar = self.sidecar(name)
            except ConfigError as error:
                faults.extend(error.faults)
                continue
            for key, known in (("publisher", publishers), ("licence", licences)):
                word = getattr(sidecar, key)
                if word not in known:
                    what = f"unknown {key} '{word}'"
                    faults.append(fault_at(path, (key,), what, did_you_mean(word, known)))
        if faults:
            raise ConfigError(faults=faults)

    def relock(self, names: Iterable[str] | None = None) -> list[str]:
        """Write the present state of the raw files (or of ``names``) into the lock; return those that changed.

        Provenance that a fetch wrote is kept for a file whose bytes are unchanged and dropped for one that changed.
        """
        known = dict(self.lock.files) if self.paths.lock.exists() else {}
        present = self.names()
        chosen = set(present if names is None else names)
        entries: dict[str, Entry] = {}
        changed: list[str] = []
        for name in sorted({*present, *known}):
            if name not in chosen:
                if name in known and name in present:
                    entries[name] = known[name]
                continue
            if name not in present:
                changed.append(name)
                continue
            entry = entry_of((self.paths.raw / name).read_bytes(), name)
            if name in known and known[name].sha256 == entry.sha256:
                entry = known[name]
            else:
                changed.append(name)
            entries[name] = entry
        write_text(self.paths.lock, lock_text(entries))
        return changed


def entry_of(content: bytes, name: str) -> Entry:
    """Return the lock entry of a file's bytes; text tables also get one checksum byte per line."""
    lines = None
    if name.endswith(".csv"):
        lines = base64.b64encode(_line_marks(content)).decode("ascii")
    return Entry(bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), lines=lines)


def lock_text(entries: dict[str, Entry]) -> str:
    """Return the lock file's text, sorted by path."""
    files = {name: entries[name].model_dump(exclude_none=True) for name in sorted(entries)}
    head = (
        "# Every raw file: size, sha256 and, for tables, one checksum byte per line (base64), so that a change\n"
        "# can be named by its line. Written by 'groruddalen-stats lock' and 'make fetch'; not edited by hand.\n"
    )
    return head + yaml.safe_dump(
        {"files": files}, allow_unicode=True, sort_keys=False, width=10**9, default_flow_style=False
    )


def _line_marks(content: bytes) -> bytes:
    return bytes(zlib.crc32(line) & 0xFF for line in content.splitlines())


def _changed_lines(content: bytes, marks: str | None) -> str:
    if marks is None:
        return ""
    then, now = base64.b64decode(marks), _line_marks(content)
    lines = content.decode("utf-8", errors="replace").splitlines()
    if len(then) != len(now):
        first = next((i for i, (a, b) in enumerate(zip(then, now, strict=False)) if a != b), min(len(then), len(now)))
        return f"; it has {len(now)} lines where {len(then)} were locked, and differs from line {first + 1} on"
    different = [index for index, (a, b) in enumerate(zip(then, now, strict=True)) if a != b]
    if not different:
        return ""
    named = "; ".join(f"line {index + 1}: {lines[index][:80]}" for index in different[:3])
    more = f" and {len(different) - 3} more lines" if len(different) > 3 else ""
    return f"; changed at {named}{more}"
