"""What was made once, kept by the hash of what it shows, for any run, language or year.

A cache: it may be deleted, copied or linked into another clone at any time. The name of an entry is the hash of all that
it was made from, the code and the libraries among it, so that none can be stale; it begins with the hash of that name and
its own content, so that one that is damaged, or has what another has, is as good as none.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from groruddalen_stats.paths import write_bytes

MOST = 2000
"""How many entries stay; the oldest go first. A run has some seventy."""
_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Kept:
    """The entries of one project.

    Attributes:
        made_by: what they are all made by: code and versions of libraries.
    """

    folder: Path
    made_by: str

    def get(self, *shows: str | bytes) -> bytes | None:
        """Return what was kept for ``shows``; nothing where there is no whole entry."""
        path = self._path(shows)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        # In the folder of somebody else it can only be read.
        with suppress(OSError):
            os.utime(path)
        body = content[_DIGEST:]
        return body if _seal(path, body) == content[:_DIGEST] else None

    def put(self, content: bytes, *shows: str | bytes) -> None:
        """Keep what was made of ``shows``, where the folder can be written."""
        path = self._path(shows)
        with suppress(OSError):
            write_bytes(path, _seal(path, content) + content)

    def files(self, targets: Sequence[Path], *shows: str | bytes) -> bool:
        """Write the files that were kept for ``shows``, if all of them were; return whether they were."""
        found = [self.get(*shows, target.name) for target in targets]
        whole = [content for content in found if content is not None]
        if len(whole) < len(targets):
            return False
        for target, content in zip(targets, whole, strict=True):
            write_bytes(target, content)
        return True

    def make(self, targets: Sequence[Path], work: Callable[[], None], *shows: str | bytes) -> None:
        """Write files: those that were kept for ``shows``, else what ``work`` writes, which is then kept."""
        if not self.files(targets, *shows):
            work()
            self.keep(targets, *shows)

    def keep(self, targets: Sequence[Path], *shows: str | bytes) -> None:
        """Keep files that were made of ``shows``."""
        for target in targets:
            self.put(target.read_bytes(), *shows, target.name)

    def tidy(self) -> None:
        """Let the oldest entries go where there are more than :data:`MOST`."""
        dated: list[tuple[float, Path]] = []
        # Another process may tidy at the same time, and what is no entry of ours may lie there.
        for path in self.folder.glob("*"):
            with suppress(OSError):
                dated.append((path.stat().st_mtime, path))
        for _, path in sorted(dated, reverse=True)[MOST:]:
            with suppress(OSError):
                path.unlink()

    def _path(self, shows: Sequence[str | bytes]) -> Path:
        digest = hashlib.sha256(self.made_by.encode())
        for part in shows:
            content = part.encode() if isinstance(part, str) else part
            digest.update(b"%d:" % len(content) + content)
        return self.folder / digest.hexdigest()


def _seal(path: Path, content: bytes) -> bytes:
    return hashlib.sha256(path.name.encode() + content).digest()
