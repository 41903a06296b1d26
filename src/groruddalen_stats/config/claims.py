"""The claims of the report's text: config/claims.csv, one claim a row, with the measures and words it uses."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from groruddalen_stats.config.load import read_rows
from groruddalen_stats.config.models import Key, Place
from groruddalen_stats.config.rows import LISTED, Keys, Numbers, Row
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean
from groruddalen_stats.numbers import Language

APPENDIX = "appendix"  # the chapter of what the appendix itself says
TEXT_ONLY = "text"  # the object of numbers that stand in the running text and in no table or figure
REGION = "*"  # in an address: the region that the claim names


class Form(StrEnum):
    """What a claim says of its measure."""

    VALUE = "value"
    ABOUT = "about"
    JUST_OVER = "just_over"
    OVER = "over"
    IMPLIES_AT_LEAST = "implies_at_least"
    DIFFERENCE = "difference"
    RATIO = "ratio"
    BETWEEN = "between"
    RANK = "rank"
    ORDER = "order"
    VERSUS = "versus"
    SHARE_OF = "share_of"
    TREND = "trend"
    WIDEST_GAP = "widest_gap"
    REFERENCE = "reference"
    NOT_EXECUTABLE = "not_executable"


class Word(StrEnum):
    """How a claim says it."""

    VALUE = "value"
    ABOUT = "about"
    JUST_OVER = "just_over"
    OVER = "over"
    TIMES = "times"
    ALMOST = "almost"
    LEVEL = "level"
    SLIGHTLY = "slightly"
    SOMEWHAT = "somewhat"
    CONSIDERABLY = "considerably"
    STEADILY = "steadily"
    SLOWLY = "slowly"
    MOST = "most"
    MANY = "many"
    ANY = "any"
    IMPLIES_AT_LEAST = "implies_at_least"
    HIGHEST = "highest"
    SECOND_HIGHEST = "second_highest"
    SECOND_LOWEST = "second_lowest"
    LOWEST = "lowest"
    HIGHER = "higher"
    LOWER = "lower"
    AT_LEAST = "at_least"
    RISING = "rising"
    FALLING = "falling"
    NOT_FALLING = "not_falling"


class Verdict(StrEnum):
    """How a claim fares."""

    HOLDS = "holds"
    PARTLY = "partly"
    DOES_NOT_HOLD = "does_not_hold"
    HOLDS_ONLY_FOR_PRINT = "holds_only_for_print"
    HOLDS_ONLY_REBUILT = "holds_only_rebuilt"
    CONTRADICTED = "contradicted"
    WRONG_REFERENCE = "wrong_reference"
    NOT_CHECKABLE = "not_checkable"


DEFINED = tuple(Word)[: tuple(Word).index(Word.ANY)]
LIMITED = {word for word in DEFINED if word not in (Word.VALUE, Word.JUST_OVER, Word.OVER, Word.LEVEL, Word.STEADILY)}
SENTENCES = (
    *("between", "widest", "not_stated", "place", "place_appendix", "from_text", "fails_for"),
    *("open_for", "contradicted_by", "wrong_reference"),
)

WordChoice = tuple[Word | None, ...]
"""Words of which a claim has one. The first is meant where it has none; where that is None, it must have one."""
DIRECTION: WordChoice = (None, Word.HIGHER, Word.LOWER, Word.LEVEL, Word.AT_LEAST)
DEGREE: WordChoice = (Word.ANY, Word.SLIGHTLY, Word.SOMEWHAT, Word.CONSIDERABLY)


class Shape(NamedTuple):
    """What a form needs: the choices of words, and how many of each column (least, most)."""

    words: tuple[WordChoice, ...] = ()
    stated: tuple[int, int] = (0, 0)
    measure: tuple[int, int] = (1, 1)
    rows: tuple[int, int] = (1, 1)
    against: tuple[int, int] = (0, 0)
    than: tuple[int, int] = (0, 0)


_MANY = 99
_PLACE: WordChoice = (None, Word.HIGHEST, Word.SECOND_HIGHEST, Word.SECOND_LOWEST, Word.LOWEST)
_TREND: WordChoice = (None, Word.RISING, Word.FALLING, Word.NOT_FALLING, Word.LEVEL)
SHAPES = {
    **{
        form: Shape(((Word(form),),), stated=(1, 1))
        for form in (Form.VALUE, Form.ABOUT, Form.JUST_OVER, Form.OVER, Form.IMPLIES_AT_LEAST)
    },
    Form.DIFFERENCE: Shape(((Word.VALUE, Word.ABOUT, Word.JUST_OVER),), stated=(1, 1), against=(1, 1)),
    Form.RATIO: Shape(((Word.TIMES, Word.ALMOST),), stated=(1, 1), against=(1, _MANY)),
    Form.BETWEEN: Shape(((Word.VALUE,),), stated=(2, 2), rows=(1, _MANY)),
    Form.RANK: Shape((_PLACE,), against=(2, _MANY)),
    Form.ORDER: Shape(((Word.HIGHER,),), rows=(2, _MANY)),
    Form.VERSUS: Shape((DEGREE, DIRECTION), measure=(1, _MANY), rows=(1, _MANY), against=(0, _MANY), than=(0, 1)),
    Form.SHARE_OF: Shape(((None, Word.MOST, Word.MANY), DEGREE, DIRECTION), rows=(2, _MANY), against=(1, _MANY)),
    Form.TREND: Shape(((Word.ANY, Word.SLOWLY), _TREND), measure=(2, _MANY), rows=(1, _MANY)),
    Form.WIDEST_GAP: Shape(measure=(1, _MANY), against=(1, 1), than=(1, _MANY)),
    Form.REFERENCE: Shape(rows=(0, 0)),
    Form.NOT_EXECUTABLE: Shape(measure=(0, 0), rows=(0, 0)),
}


class Address(NamedTuple):
    """Where a cell is, with :data:`REGION` where the claim's region belongs."""

    object: str
    row: str
    column: str

    def at(self, region: str) -> Place:
        """Return the cell of one region."""
        row, column = (region if part == REGION else part for part in (self.row, self.column))
        return Place(self.object, row, column)


_ADDRESS = re.compile(r"(text|(?:tabell|figur)_\d\d[ab]?)/([a-z0-9_]+|\*)/([a-z0-9_]+|\*)")


def _address(text: object) -> object:
    found = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"'{text}' is no address such as tabell_01/*/2011")
    return Address(*found.groups())


CellAddress = Annotated[Address, BeforeValidator(_address)]
CellAddresses = Annotated[tuple[CellAddress, ...], LISTED]
Said = Annotated[str, StringConstraints(min_length=1)]
Measures = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=rf"^([a-z][a-z0-9_]*|{_ADDRESS.pattern})$")], ...],
    LISTED,
]


class Measure(Row):
    """One row of config/claims-measures.csv: ``(constant + plus - minus) / per x scale`` over cells of a region.

    Attributes:
        measure: its name; the address itself where a claim speaks of a cell as it stands, and only the label is needed.
        label_nb, label_en: what it is called where a claim shows several.
        plus, minus, per: addresses.
    """

    measure: Said
    label_nb: str = ""
    label_en: str = ""
    plus: CellAddresses = ()
    minus: CellAddresses = ()
    per: CellAddresses = ()
    constant: float = 0.0
    scale: float = Field(default=1.0, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _reads_cells(cls, row: dict[str, Any]) -> dict[str, Any]:
        if any(key in row for key in ("plus", "minus", "per")) == bool(_ADDRESS.fullmatch(row["measure"])):
            raise ValueError("a name of its own needs cells in plus, minus or per, and an address has none there")
        return row if "per" in row or "minus" in row else {"plus": row["measure"], **row}

    @property
    def cells(self) -> tuple[Address, ...]:
        """The addresses it reads."""
        return (*self.plus, *self.minus, *self.per)

    @property
    def cell(self) -> Address | None:
        """The address of the only cell, when the measure is one cell as it stands."""
        plain = len(self.cells) == len(self.plus) == 1 and not self.constant and self.scale == 1
        return self.plus[0] if plain else None


class Claim(Row):
    """One row of config/claims.csv: one statement of the report.

    Attributes:
        claim: its name.
        lines: lines of the report's text it stands on, one per place it is repeated.
        cited: the objects the text refers to there, as the text has them.
        object: the object that shows it, where that is not the object of its first cell.
        statement_nb, statement_en: the statement in our own words.
        form: what is said of the measure.
        word: how it is said.
        stated: the numbers the text states.
        decimals: of what is shown; comparisons and ranks are made at these.
        measure: addresses of cells, or names of measures; of several, each is compared.
        rows: the regions spoken of.
        against: the regions they are compared with; of a rank, all that are ranked.
        than: the measures compared with.
        expected: the verdict against the print.
        note_nb, note_en: what a reader should know about the verdict; of what no form can hold, the reason.
    """

    claim: Key
    lines: Annotated[Numbers, Field(min_length=1)]
    cited: Keys = ()
    object: Key | None = None
    statement_nb: Said
    statement_en: Said
    form: Form
    word: Annotated[tuple[Word, ...], LISTED] = ()
    stated: Annotated[tuple[Decimal, ...], LISTED] = ()
    decimals: int | None = Field(default=None, ge=0, le=3)
    measure: Measures = ()
    rows: Keys = ()
    against: Keys = ()
    than: Measures = ()
    expected: Verdict | None = None
    note_nb: str = ""
    note_en: str = ""

    @property
    def words(self) -> tuple[Word, ...]:
        """How it is said: of each choice of its form the word it has, or the default."""
        found = (next((word for word in self.word if word in choice), choice[0]) for choice in SHAPES[self.form].words)
        return tuple(word or Word.ANY for word in found)

    @property
    def degree(self) -> Word:
        """How much higher or lower, or how fast."""
        return self.words[-2] if len(self.words) > 1 else Word.ANY

    def faults(self) -> Iterator[str]:
        """Yield where the row does not fit its form."""
        shape = SHAPES[self.form]
        for column in ("stated", "measure", "rows", "against", "than"):
            (least, most), number = getattr(shape, column), len(getattr(self, column))
            if not least <= number <= most:
                wanted = f"{least}" if least == most else f"{least} or more" if most == _MANY else f"{least} to {most}"
                yield f"{column}: form '{self.form}' takes {wanted}, not {number}"
        known = [word for choice in shape.words for word in choice if word]
        for word in self.word:
            if word not in known:
                yield f"word: '{word}' is no word of form '{self.form}', {did_you_mean(word, known)}"
        for choice in shape.words:
            found = [word for word in self.word if word in choice]
            if len(found) > 1 or (choice[0] is None and not found):
                yield f"word: form '{self.form}' takes one of {', '.join(filter(None, choice))}"
        if self.form is Form.RANK and not set(self.rows) <= set(self.against):
            yield f"rows: '{' '.join(self.rows)}' must be one of 'against'"
        if self.form is Form.VERSUS and not self.against and not self.than:
            yield "against: form 'versus' needs 'against' (other regions) or 'than' (another measure)"
        if self.degree in DEGREE[1:] and self.words[-1] not in (Word.HIGHER, Word.LOWER):
            yield f"word: '{self.degree}' needs higher or lower"
        if self.form is Form.REFERENCE and not self.cited:
            yield "cited: name the object that the text refers to"
        if self.form is Form.NOT_EXECUTABLE:
            if not (self.note_nb and self.note_en):
                yield "note_nb, note_en: what no form can hold needs the reason"
        elif self.decimals is None or self.expected is None:
            yield "decimals, expected: must not be empty"
        if bool(self.note_nb) != bool(self.note_en):
            yield "note_nb, note_en: give both languages or none"


class ClaimWord(Row):
    """A row of config/claims-words.csv: a word, or a sentence that verdicts are shown with.

    Attributes:
        terms: the report's own words that are read this way.
        limit: the number in the definition, if it has one.
        meaning_nb, meaning_en: the one definition of a vague word; no claim has a tolerance of its own.
        label_nb, label_en: what it is shown as; ``{...}`` is filled in.
    """

    word: Key
    terms: str = ""
    limit: float | None = None
    meaning_nb: str = ""
    meaning_en: str = ""
    label_nb: str = ""
    label_en: str = ""

    @model_validator(mode="after")
    def _known(self) -> Self:
        known = (*Word, *SENTENCES)
        if self.word not in known:
            raise ValueError(f"unknown word, {did_you_mean(self.word, known)}")
        if self.word in DEFINED and not (self.meaning_nb and self.meaning_en):
            raise ValueError("its meaning is missing")
        if self.word in LIMITED and self.limit is None:
            raise ValueError("its limit is missing")
        return self


class Heading(Row):
    """A row of config/claims-headings.csv: a heading of the report under which something is claimed, in its order.

    Attributes:
        line: its line in the text that the claims were found in.
        number: of the chapter or section; empty within the appendix.
        title: as the report has it.
    """

    line: int
    number: Annotated[str, StringConstraints(pattern=r"^([1-7](\.[1-9])*)?$")] = ""
    title: str


@dataclass(frozen=True)
class Claims:
    """The claims with all they use.

    Attributes:
        headings: the report's headings that claims stand under, in its order.
        wordings: words and sentences by key.
        measures: by name or address, in the order of the file.
        claims: the claims to be judged, by name.
        left_out: those that no form can hold.
        where: the file and line of each claim, by name.
    """

    headings: Sequence[Heading]
    wordings: Mapping[str, ClaimWord]
    measures: dict[str, Measure]
    claims: dict[str, Claim]
    left_out: tuple[Claim, ...]
    where: dict[str, str]

    def limit(self, word: Word) -> float:
        """Return the limit that a word sets."""
        limit = self.wordings[word].limit
        return math.inf if limit is None else limit

    def heading(self, line: int) -> Heading | None:
        """Return the heading that a line of the report's text stands under; None before the first."""
        return max((h for h in self.headings if h.line <= line), key=lambda h: h.line, default=None)

    def chapter(self, line: int) -> str:
        """Return the chapter that a line of the report's text stands in."""
        heading = self.heading(line)
        return "" if heading is None else heading.number[:1] or APPENDIX

    def place(self, line: int, language: Language) -> str:
        """Return where a line of the report's text stands, as a reader of the report finds it."""
        heading = self.heading(line)
        if heading is None:
            return ""
        key = "place" if heading.number else "place_appendix"
        return self.say(key, language, number=heading.number, title=heading.title)

    def say(self, key: str, language: Language, **values: str) -> str:
        """Return a word or sentence."""
        return self.wordings[key].text("label")[language].format(**values)

    def object_of(self, claim: Claim) -> str:
        """Return the object that shows what the claim speaks of."""
        return claim.object or self.measures[claim.measure[0]].cells[0].object

    def cells_of(self, claim: Claim) -> Iterator[Place]:
        """Yield every cell that the claim may read."""
        regions = claim.against if claim.form is Form.RANK else (*claim.rows, *claim.against)
        for name, region in product((*claim.measure, *claim.than), regions):
            for address in self.measures[name].cells:
                yield address.at(region)


def load_claims(folder: Path) -> Claims:
    """Return the claims of a folder with ``claims.csv`` and the ``claims-*`` beside it.

    Raises:
        ConfigError: one fault per wrong value, word, measure, number of cells, claim that stands twice, or line before
            the first heading.
    """
    headings, bad = read_rows(Heading, folder / "claims-headings.csv")
    path, words = folder / "claims.csv", folder / "claims-words.csv"
    listed, faults = read_rows(Measure, folder / "claims-measures.csv")
    wordings, wrong = read_rows(ClaimWord, words)
    rows, more = read_rows(Claim, path)
    faults += [*bad, *wrong, *more]
    known = {row.word: row for row in wordings.values()}
    if missing := {*Word, *SENTENCES} - known.keys():
        faults.append(Fault(f"words are missing: {', '.join(sorted(missing))}", str(words), "add them"))
    claims = gather(list(headings.values()), known, listed.values(), rows, path)
    for line, claim in rows.items():
        told = ((f"{claim.claim}: {what}", remedy) for what, remedy in _faults(claim, claims))
        faults += [Fault(what, f"{path}:{line}", remedy) for what, remedy in told]
    ConfigError.tell(faults)
    return claims


def gather(
    headings: Sequence[Heading],
    wordings: Mapping[str, ClaimWord],
    listed: Iterable[Measure],
    rows: Mapping[int, Claim],
    path: Path,
) -> Claims:
    """Return claims, by their line of the file ``path``, with the measures they use."""
    known = {row.measure: row for row in listed}
    used = (name for claim in rows.values() for name in (*claim.measure, *claim.than) if _ADDRESS.fullmatch(name))
    return Claims(
        headings,
        wordings,
        known | {name: Measure(measure=name) for name in used if name not in known},
        {claim.claim: claim for claim in rows.values() if claim.form is not Form.NOT_EXECUTABLE},
        tuple(claim for claim in rows.values() if claim.form is Form.NOT_EXECUTABLE),
        {claim.claim: f"{path}:{line}" for line, claim in rows.items()},
    )


def _faults(claim: Claim, claims: Claims) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a claim and what to do."""
    wrong = [
        *claim.faults(),
        *(f"lines: line {n} is before the first heading" for n in claim.lines if not claims.chapter(n)),
    ]
    names = (*claim.measure, *claim.than)
    unknown = [name for name in names if name not in claims.measures]
    if claim.measure and not unknown:
        if claims.object_of(claim) == TEXT_ONLY:
            wrong.append("object: name the object that shows a number of the text")
        if claim.form is Form.WIDEST_GAP or (claim.form is Form.VERSUS and len(names) > 1):
            wrong += [
                f"measure: '{name}' is shown beside others and has no label in claims-measures.csv"
                for name in names
                if not (claims.measures[name].label_nb and claims.measures[name].label_en)
            ]
    yield from ((what, "correct this row") for what in wrong)
    yield from ((f"measure: unknown measure '{name}'", did_you_mean(name, claims.measures)) for name in unknown)


def decimals_of(number: Decimal) -> int:
    """Return how many decimals a stated number is written with."""
    exponent: Any = number.as_tuple().exponent
    return max(0, -int(exponent))
