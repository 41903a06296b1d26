"""Find in a table of today what the catalogue asks for by label and role.

The same resolution runs on fresh metadata before a question is sent and on the stored document afterwards, so that
what was asked for and what is read cannot part.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from groruddalen_stats.config.fetch import Column, PxWebFetch, Select
from groruddalen_stats.config.load import Location
from groruddalen_stats.errors import did_you_mean
from groruddalen_stats.pxtable.jsonstat import Dataset, Role, Variable

OLDEST = 999


@dataclass(frozen=True, slots=True)
class VariableChoice:
    """What is taken along one variable: each of our words, and the positions of the values that it sums.

    ``column`` is None where the value only picks (a single content); then there is one word, "". ``marked`` are the
    words whose label says that the figures are provisional.
    """

    variable: Variable
    column: Column | None
    words: Mapping[str, tuple[int, ...]]
    marked: frozenset[str] = frozenset()

    @property
    def codes(self) -> list[str]:
        """The codes to ask for: each once, in the table's own order."""
        wanted = {position for positions in self.words.values() for position in positions}
        return [self.variable.codes[position] for position in sorted(wanted)]

    def also(self, codes: Iterable[Sequence[str]]) -> VariableChoice:
        """Return the choice with more codes, each as a word of its own."""
        at = {code: place for place, code in enumerate(self.variable.codes)}
        return replace(self, words={**self.words, **{code: (at[code],) for of in codes for code in of}})


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is not as the catalogue believes; ``place`` leads to the line within the fetch block.

    ``instead`` is what may stand at the place today, where there is one answer only: known, or found for the name
    ``sought`` among those ``offered``, each in one form or several.
    """

    place: Location
    what: str
    remedy: str = ""
    instead: str | tuple[int, ...] | None = None
    sought: str = ""
    offered: tuple[tuple[str, ...], ...] = ()


_WRITTEN_OUT = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "_": " "})


def plain(text: str) -> str:
    """Return ``text`` in the form labels are compared in.

    Case, blanks, a blank after a full stop, underscores, and whether æ, ø and å are written out do not count.
    """
    folded = unicodedata.normalize("NFC", text).casefold().translate(_WRITTEN_OUT)
    return " ".join(folded.split()).replace(". ", ".")


_CODE_BEFORE = re.compile(r"[0-9]{2,6}[a-z]? ")
_UNIT_AFTER = re.compile(r" \((antall|prosent|kroner|kr|number|per cent)\)")


def _bare(text: str) -> set[str]:
    """Return a plain label without what a publisher may add or leave out: a code before it, a unit in brackets after it."""
    code, unit = _CODE_BEFORE.match(text), _UNIT_AFTER.search(text)
    start = code.end() if code else 0
    end = unit.start() if unit and unit.end() == len(text) else len(text)
    return {text[start:], text[:end], text[start:end]}


def labelled(labels: Sequence[str], wording: str) -> list[int]:
    """Return the positions of the labels that a wording, spellings split by ``|``, may mean.

    The first spelling that is a label holds: where there are both "Bydel Grorud" and "Grorud", that is the other place.
    Where none is, a code before a label and a unit in brackets after it ("0301 Oslo i alt", "Mottakere (antall)") may
    stand on one side and not on the other: never two units that differ.
    """
    names, read = [plain(name) for name in wording.split("|")], [plain(label) for label in labels]
    for name in names:
        if exact := [at for at, label in enumerate(read) if label == name]:
            return exact
    short = {form for name in names for form in _bare(name)}
    return [at for at, label in enumerate(read) if not _bare(label).isdisjoint(names) or label in short]


_ROLES: dict[Role, re.Pattern[str]] = {
    "time": re.compile(r"tid|time|aar|year|kvartal|maaned|periode?"),
    "geo": re.compile(r"region|kok\w*region\w*|bosted|geografi"),
    "contents": re.compile(r"contentscode|statistikkvariabel|maaltall"),
}


def with_roles(variables: Sequence[Variable]) -> tuple[Variable, ...]:
    """Return the variables with the roles that the server left out, where a name leaves no doubt."""
    found = list(variables)
    for role, name in _ROLES.items():
        if any(variable.role == role for variable in found):
            continue
        for said in ("code", "label"):
            fitting = [
                at
                for at, variable in enumerate(found)
                if variable.role == "other" and name.fullmatch(plain(getattr(variable, said)))
            ]
            if len(fitting) == 1:
                found[fitting[0]] = replace(found[fitting[0]], role=role)
                break
    return tuple(found)


def variables(table: Dataset) -> tuple[Variable, ...]:
    """Return the variables of a JSON-stat table, without the stand-in for a missing content variable."""
    return with_roles([dimension for dimension in table.dimensions if not dimension.eliminated])


def resolve(variables: Sequence[Variable], fetch: PxWebFetch) -> tuple[list[VariableChoice], list[Drift]]:
    """Return one choice per variable of the table, in the table's order, and everything that did not resolve.

    A variable of the table that the catalogue does not mention is a drift: leaving it out would let the server
    decide what is returned.
    """
    drifts: list[Drift] = []
    found: dict[str, VariableChoice] = {}
    taken = {v.label for entry in fetch.select for v in _find(variables, entry)}
    forms = tuple((variable.label, variable.code) for variable in variables)
    for number, entry in enumerate(fetch.select):
        place: Location = ("select", number)
        candidates = list(_find(variables, entry))
        if len(candidates) != 1:
            what = f"no variable '{entry.name}' in the table"
            if candidates:
                what = f"'{entry.name}' fits several variables: {', '.join(v.label for v in candidates)}"
            remedy = did_you_mean(entry.name, [variable.label for variable in variables])
            here = (*place, "variable" if entry.variable else "role")
            drifts.append(Drift(here, what, remedy, None, "" if candidates else entry.variable or "", forms))
            continue
        variable = candidates[0]
        if variable.code in found:
            drifts.append(Drift(place, f"the variable '{variable.label}' is selected twice", "remove one"))
            continue
        words: dict[str, tuple[int, ...]] = {}
        problems = list(_words(variable, entry, words))
        used = {at for positions in words.values() for at in positions}
        known = {name for at in used for name in (variable.codes[at], variable.labels[at])}
        drifts += [replace(problem, place=(*place, *problem.place)) for problem in _answered(problems, known)]
        found[variable.code] = VariableChoice(variable, entry.to, words, _marked(variable, entry, words))
    drifts = _answered(drifts, taken)
    if not drifts:
        drifts += [
            Drift(
                ("select",),
                f"the table has a variable '{variable.label}' that the catalogue does not mention",
                f"add an entry for it; it holds {_some(variable.labels)}",
            )
            for variable in variables
            if variable.code not in found
        ]
    return [found[variable.code] for variable in variables if variable.code in found], drifts


def _answered(drifts: Sequence[Drift], taken: Collection[str]) -> list[Drift]:
    """Return drifts with the one other spelling on offer for what is gone; a name ``taken``, or near two, is none."""
    answers = [
        respelled(drift.sought, [forms for forms in drift.offered if not set(forms) & set(taken)]) for drift in drifts
    ]
    return [
        replace(drift, instead=drift.instead or (answer if answers.count(answer) == 1 else None), sought="")
        for drift, answer in zip(drifts, answers, strict=True)
    ]


_RESPELLED = 0.8  # of SequenceMatcher, over the words that differ: with and without, or women and men, are less alike


def respelled(wording: str, offered: Iterable[Sequence[str]]) -> str | None:
    """Return the one name on offer that is a wording in another spelling, None where none or several are.

    Words may change place, and be spelled otherwise; one more or one less, or another number, may mean something else.
    Of the name that fits, the first form that does is returned.
    """
    spellings = [plain(name) for name in wording.split("|") if name.strip()]
    fitting = ([form for form in forms if any(_alike(name, plain(form)) for name in spellings)] for forms in offered)
    found = [forms[0] for forms in fitting if forms]
    return found[0] if len(found) == 1 else None


def _alike(one: str, other: str) -> bool:
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    old, new = Counter(one.split()), Counter(other.split())
    gone, come = list((old - new).elements()), list((new - old).elements())
    return len(gone) == len(come) and (
        not gone or difflib.SequenceMatcher(None, " ".join(gone), " ".join(come)).ratio() >= _RESPELLED
    )


def _find(variables: Sequence[Variable], entry: Select) -> Iterator[Variable]:
    if entry.variable is None:
        yield from (variable for variable in variables if variable.role == entry.role)
        return
    names = {plain(name) for name in entry.variable.split("|")}
    yield from (v for v in variables if plain(v.label) in names or plain(v.code) in names)


def _words(variable: Variable, entry: Select, words: dict[str, tuple[int, ...]]) -> Generator[Drift, None, None]:
    """Fill ``words`` and yield what does not fit."""
    if entry.years is not None:
        yield from _years(variable, entry, words)
    elif entry.bands:
        yield from _bands(variable, entry, words)
    elif entry.only is not None:
        names = {plain(name) for name in entry.only.split("|")}
        at = [position for position, code in enumerate(variable.codes) if plain(code) in names]
        if len(at) != 1 or labelled(variable.labels, entry.only):
            at = yield from _at(variable, entry.only, ("only",), by_code=False)
        words[""] = tuple(at)
    elif entry.take:
        for number, pattern in enumerate(entry.take):
            at = yield from _at(variable, pattern, ("take", number), by_code=True)
            words |= {variable.codes[position]: (position,) for position in at}
        for pattern in entry.also:
            words |= {variable.codes[position]: (position,) for position in _matching(variable, pattern)}
    else:
        way = "codes" if entry.codes else "labels"
        for word, wording in (entry.codes or entry.labels).items():
            texts = [wording] if isinstance(wording, str) else wording
            at = []
            for number, text in enumerate(texts):
                place = (way, word) if isinstance(wording, str) else (way, word, number)
                at += yield from _at(variable, text, place, by_code=bool(entry.codes))
            words[word] = tuple(dict.fromkeys(at))


def _matching(variable: Variable, pattern: str) -> list[int]:
    return [at for at, code in enumerate(variable.codes) if fnmatch.fnmatchcase(code, pattern)]


def _at(variable: Variable, text: str, place: Location, *, by_code: bool) -> Generator[Drift, None, list[int]]:
    """Return the positions that a code or a label means; yield what is wrong where there is none, or none is meant alone."""
    found = _matching(variable, text) if by_code else labelled(variable.labels, text)
    if not found:
        known = variable.codes if by_code else variable.labels
        what = f"'{variable.label}' has no {'code' if by_code else 'value labelled'} '{text}'"
        sought = "" if by_code and re.search(r"[*?\[]", text) else text
        yield Drift(place, what, did_you_mean(text, known), None, sought, tuple((name,) for name in known))
    elif len(found) > 1 and not by_code:
        codes = ", ".join(variable.codes[position] for position in found)
        what = f"'{text}' is the label of several values of '{variable.label}': codes {codes}"
        yield Drift(place, what, "choose by 'codes' instead")
    return found


_PERIOD = re.compile(r"([1-9][0-9]{3})(\s*[-–/]\s*[0-9]{2,4}|\s*[KQTHMU]\s*[0-9]{1,2})?(?![0-9])\s*(.*)", re.IGNORECASE)
_PROVISIONAL = {"*", "**", "p", "foreløpig", "foreløpige", "foreløpige tall", "provisional", "preliminary"}


def _period(label: str) -> tuple[int, str, str] | None:
    """Return the year, the period without its mark ("2011", "2009K4", "2011-2013") and the mark of a label of time."""
    match = _PERIOD.fullmatch(unicodedata.normalize("NFC", label).strip())
    if match is None:
        return None
    period = "".join((match[1] + (match[2] or "")).split()).replace("–", "-")
    return int(match[1]), period, match[3].strip(" ().,").casefold()


def _marked(variable: Variable, entry: Select, words: Mapping[str, tuple[int, ...]]) -> frozenset[str]:
    if entry.years is None:
        return frozenset()
    read = {word: _period(variable.labels[positions[0]]) for word, positions in words.items()}
    return frozenset(word for word, period in read.items() if period and period[2])


def _years(variable: Variable, entry: Select, words: dict[str, tuple[int, ...]]) -> Iterator[Drift]:
    # The year is in the label: at Oslo the codes of time are sequence numbers that shift when a year is added.
    assert entry.years is not None
    for position, label in enumerate(variable.labels):
        read = _period(label)
        if read is None:
            yield Drift(("years",), f"'{label}' of '{variable.label}' does not begin with a year", "")
            continue
        year, period, mark = read
        if year < (entry.years.first or 0):
            continue
        if mark and mark not in _PROVISIONAL:
            yield Drift(
                ("years",),
                f"'{label}' of '{variable.label}' is a year with a mark that is not known",
                "ask the publisher what it means, or leave the year out by 'first'",
            )
        elif period in words:
            other = variable.labels[words[period][0]]
            yield Drift(
                ("years",),
                f"'{other}' and '{label}' of '{variable.label}' are the same period",
                "ask the publisher which of the two holds",
            )
        else:
            words[period] = (position,)
    if entry.years.months:
        _gather(words)
    missing = [str(year) for year in entry.years.required if str(year) not in words]
    if missing:
        near = [word for word in words if word[:4] in missing]
        beside = f"; of those years it has only {_some(near)}" if near else ""
        begins = min((read[0] for read in map(_period, variable.labels) if read), default=0)
        still = tuple(year for year in entry.years.required if year >= begins)
        yield Drift(
            ("years", "required"),
            f"the table has no {', '.join(missing)}; it covers {_span(sorted(variable.labels))}{beside}",
            "wait for the publisher, or change 'required'",
            still if len(still) < len(entry.years.required) else None,
        )


def _gather(words: dict[str, tuple[int, ...]]) -> None:
    """Put years in the place of their months; a year that lacks a month is left out."""
    months = dict(words)
    words.clear()
    for year in dict.fromkeys(period[:4] for period in months):
        of_year = [months.get(f"{year}M{month:02}") for month in range(1, 13)]
        if all(of_year):
            words[year] = tuple(at for positions in of_year if positions for at in positions)


def _bands(variable: Variable, entry: Select, words: dict[str, tuple[int, ...]]) -> Iterator[Drift]:
    # Of labels only: codes may be sequence numbers that look like ages.
    ages = [interval(label) for label in variable.labels]
    if not any(ages):
        yield Drift(
            ("bands",),
            f"no label of '{variable.label}' is an age: {_some(variable.labels)}",
            "choose by 'labels', or by 'codes', instead",
        )
        return
    known: dict[tuple[int, int], int] = {}
    for at, age in enumerate(ages):
        if age is not None and known.setdefault(age, at) != at:
            first, second = variable.labels[known[age]], variable.labels[at]
            yield Drift(
                ("bands",),
                f"'{first}' and '{second}' of '{variable.label}' are the same age",
                "choose by 'codes' instead",
            )
    for number, band in enumerate(entry.bands):
        wanted = interval(band)
        if wanted is None:
            yield Drift(("bands", number), f"'{band}' is not an age interval", "write 0-5, or 80+")
            continue
        low, high = wanted
        tiled = [known[wanted]] if wanted in known else []
        reached = high + 1 if tiled else low
        # Overlapping rows (5-9 beside 5, 6, ...) must not be counted twice: walk on from the narrowest that fits.
        for age, position in sorted(known.items()):
            if age[0] == reached and age[1] <= high:
                tiled.append(position)
                reached = age[1] + 1
        if reached != high + 1:
            yield Drift(
                ("bands", number),
                f"the ages of '{variable.label}' do not add up to {band}",
                f"the table has {_some(variable.labels)}",
            )
        words[band] = tuple(tiled)


_AGE = re.compile(r"0*(\d{1,3})(?:\s*[-–]\s*0*(\d{1,3}))?\s*(\+)?(?:\s*aar)?(\s*(?:og|eller)\s+(?:over|eldre|mer))?")


def interval(text: str) -> tuple[int, int] | None:
    """Return the whole years (first, last) that an age label or code stands for, e.g. "105 år eller eldre"."""
    match = _AGE.fullmatch(plain(text))
    if match is None:
        return None
    low, high = int(match[1]), int(match[2] or match[1])
    if match[3] or match[4]:
        return low, OLDEST
    return (low, high) if low <= high else None


def _some(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:6])
    return f"{shown}, ... {labels[-1]} ({len(labels)} values)" if len(labels) > 7 else ", ".join(labels)


def _span(labels: Sequence[str]) -> str:
    return f"{labels[0]} to {labels[-1]}" if labels else "nothing"
