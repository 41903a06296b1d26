"""What is said when something goes wrong: one typed error with what happened, where, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, printed as one line: ``where: what. remedy``.

    Attributes:
        about: the numbers of which any one, being wrong, would make it: printed cells and raw figures as they are named
            in messages. Nothing for a fault that is not about numbers.
    """

    what: str
    where: str = ""
    remedy: str = ""
    about: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line} -> {self.remedy}" if self.remedy else line


@dataclass
class Told:
    """Faults of a project that is read to its end, so that all of them are told in one go.

    Attributes:
        lost: names of what was left out because of a fault.
    """

    faults: list[Fault] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def add(self, faults: Iterable[Fault]) -> None:
        """Note faults, but not those that are there only since something was left out."""
        for fault in faults:
            named = f"{fault.where} {fault.what}"
            follows = any(
                f"'{it}'" in named or f"/published/{it}." in named or f" years.{it}: " in named for it in self.lost
            )
            if fault not in self.faults and not follows:
                self.faults.append(fault)

    def leave_out(self, names: Iterable[str], faults: Iterable[Fault]) -> None:
        """Note faults, and the names of what was left out because of them."""
        self.faults.extend(fault for fault in dict.fromkeys(faults) if fault not in self.faults)
        self.lost.update(names)


_TOLD: ContextVar[Told | None] = ContextVar("told", default=None)


@contextmanager
def telling() -> Iterator[Told]:
    """Note faults instead of stopping at the first of them: reading goes on with what is right."""
    told = Told()
    token = _TOLD.set(told)
    try:
        yield told
    finally:
        _TOLD.reset(token)


def told() -> Told | None:
    """Return where faults are noted, where they stop nothing."""
    return _TOLD.get()


class StatsError(Exception):
    """A fault a person can act on; ``str()`` gives one line per fault, never a traceback."""

    def __init__(self, what: str = "", *, where: str = "", remedy: str = "", faults: Iterable[Fault] = ()) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults) or (Fault(what, where, remedy),)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    @classmethod
    def tell(cls, faults: Iterable[Fault]) -> None:
        """Raise one error with all of some faults, or note them and go on, in a block of :func:`telling`."""
        if (noted := told()) is None:
            cls.raise_any(faults)
        else:
            noted.add(faults)

    @classmethod
    def raise_any(cls, faults: Iterable[Fault]) -> None:
        """Raise one error with all of some faults; do nothing where there are none."""
        if found := tuple(faults):
            raise cls(faults=found)


class ConfigError(StatsError):
    """A configuration file or override is wrong."""


class SnapshotError(StatsError):
    """A raw file or the lock is damaged, missing or not what it claims to be."""


class RegionError(StatsError):
    """A region code, name or group is not valid at the date it is used."""


class ContractError(StatsError):
    """A table breaks its data contract."""


class FetchError(StatsError):
    """A live source did not give what was asked for."""


class CheckError(StatsError):
    """The check against the print found something the ledger does not explain."""


@contextmanager
def gathered(faults: list[Fault], where: str = "") -> Iterator[None]:
    """Add what goes wrong in a block to ``faults``, each fault once, and go on; it is ``where`` if it does not say."""
    try:
        yield
    except StatsError as error:
        found = (replace(fault, where=fault.where or where) for fault in error.faults)
        faults.extend(fault for fault in found if fault not in faults)


def of_system(error: OSError) -> Fault:
    """Return a file that cannot be written or read as a fault, such as on a full disk."""
    where = str(error.filename) if error.filename else ""
    return Fault(f"{error.strerror or error}", where, "make room and see that the folder can be written")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest known word, or the known words when none is near."""
    choices: Sequence[str] = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known: {', '.join(choices)}" if len(choices) <= 30 else "see config/README.md"
