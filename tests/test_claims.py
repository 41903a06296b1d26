"""The claims of the report's text: what the words mean, how verdicts fall, and how a mistake in the files is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import small
from groruddalen_stats.appendix.model import Basis, Flag, FlagKind
from groruddalen_stats.check.claims import COLUMNS, evaluate, printed_lookup, rebuilt_lookup, unexpected
from groruddalen_stats.config.claims import Claim, Claims, Form, Measure, gather, load_claims
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import ConfigError

Cells = dict[Place, float]

FILE = Path("claims.csv")
SHARE, OTHER, DRAWN = "tabell_90/*/share", "tabell_90/*/other", "figur_91/*/drawn"
LABELLED = [
    Measure(measure=name, label_nb=f"oppdiktet {name}", label_en=f"made up {name}") for name in (SHARE, OTHER, DRAWN)
]
_READ = load_claims(small.paths().config)


def says(form: str, rows: str = "a", against: str = "", *, measure: str = SHARE, **more: Any) -> Claim:
    """Return a claim with a word and numbers in ``more``; its lines are of the first chapter unless it says others."""
    given = {"claim": "it", "lines": "10", "decimals": "1", "expected": "holds"}
    given |= {"statement_nb": "Utsagn", "statement_en": "Statement"}
    columns = {"form": form, "rows": rows, "against": against, "measure": measure, **more}
    claim = Claim.model_validate({**given, **columns})
    assert list(claim.faults()) == []
    return claim


def world(*claims: Claim, measures: list[Measure] = LABELLED) -> Claims:
    """Return claims over made-up cells of a made-up table 90 and figure 91, named by their number."""
    named = {line: claim.model_copy(update={"claim": f"c{line}"}) for line, claim in enumerate(claims, start=2)}
    return gather(_READ.headings, _READ.wordings, measures, named, FILE)


def cells(object_id: str, column: str, **rows: float) -> Cells:
    return {Place(object_id, row, column): value for row, value in rows.items()}


def shares(**rows: float) -> Cells:
    return cells("tabell_90", "share", **rows)


def both(share: dict[str, float], other: dict[str, float]) -> Cells:
    return shares(**share) | cells("tabell_90", "other", **other)


def series(*values: float) -> Cells:
    return {Place("tabell_90", "a", column): value for column, value in zip("xyz", values, strict=False)}


def verdict(claim: Claim, printed: Cells, measures: list[Measure] = LABELLED) -> str:
    return str(evaluate(world(claim, measures=measures), printed, {}).loc[0, "verdict"])


def test_the_small_projects_claims_are_read() -> None:
    claims = load_claims(small.paths().config)
    assert list(claims.claims) == ["oslo_about", "bjerke_exact"]
    assert [claim.claim for claim in claims.left_out] == ["alna_many_blocks"]
    assert claims.where["bjerke_exact"] == f"{small.paths().config / 'claims.csv'}:3"
    assert list(claims.cells_of(claims.claims["bjerke_exact"])) == [("tabell_01", "bjerke", "2010")]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("claims.csv", "tabell_01/*/2010", "growht", 2, "oslo_about: measure: unknown measure 'growht' -> known: "),
        ("claims.csv", "tabell_01/*/2010", "tabell_01/2010", 2, "oslo_about: measure: string should match"),
        ("claims.csv", ",about,", ",abuot,", 2, "oslo_about: form: unknown 'abuot' -> did you mean 'about'?"),
        ("claims.csv", ",about,,", ",about,higher,", 2, "word: 'higher' is no word of form 'about'"),
        ("claims.csv", ",about,,", ",versus,,", 2, "word: form 'versus' takes one of higher, lower, level, at_least"),
        ("claims.csv", ",about,,", ",versus,slightly level,", 2, "word: 'slightly' needs higher or lower"),
        ("claims.csv", ",about,,", ",versus,higher,", 2, "against: form 'versus' needs 'against'"),
        ("claims.csv", ",about,,", ",trend,rising,", 2, "measure: form 'trend' takes 2 or more, not 1"),
        ("claims.csv", ",about,,", ",widest_gap,,", 2, "measure: 'tabell_01/*/2010' is shown beside others and has no"),
        ("claims.csv", ",oslo,,", ",oslo bjerke,,", 2, "oslo_about: rows: form 'about' takes 1, not 2"),
        ("claims.csv", ",about,,6300", ",rank,lowest,", 2, "rows: 'oslo' must be one of 'against'"),
        ("claims.csv", ",about,", ",reference,", 2, "cited: name the object that the text refers to"),
        ("claims.csv", "6300,0,tabell_01", "6300,0,text", 2, "object: name the object that shows a number of the text"),
        ("claims.csv", ",6300,", ',"4,5",', 2, "oslo_about: stated: input should be a valid decimal (got '4,5')"),
        ("claims.csv", ",holds,,", ",true,,", 2, "oslo_about: expected: unknown 'true'"),
        ("claims.csv", ",holds,,", ",,,", 2, "oslo_about: decimals, expected: must not be empty"),
        ("claims.csv", ",holds,,", ",holds,Merknad,", 2, "note_nb, note_en: give both languages or none"),
        ("claims.csv", ",The text has no number.", ",", 4, "what no form can hold needs the reason"),
        ("claims.csv", "bjerke_exact", "oslo_about", 3, "oslo_about: already stands in line 2"),
        ("claims.csv", "oslo_about,10", "oslo_about,0", 2, "oslo_about: lines: line 0 is before the first heading"),
        ("claims-headings.csv", "100,,", "100,0,", 3, "100: number: string should match"),
        ("claims.csv", ",holds,,\n", ",holds,\n", 2, "the row has more or fewer fields than the header"),
        ("claims.csv", "claim,lines", "claims,lines", 1, "the columns are claims, lines"),
        ("claims.csv", "oslo_about", '"oslo_about', 2, "not a readable CSV table"),
        ("claims-measures.csv", "scale\n", "scale\ngrowth,,,,,,,\n", 2, "growth: a name of its own needs cells"),
        ("claims-measures.csv", "scale\n", "scale\nrate,,,tabell_01/2010,,,,\n", 2, "'tabell_01/2010' is no address"),
        ("claims-measures.csv", "scale\n", "scale\nrate,,,tabell_01/*/2010,,,,0\n", 2, "rate: scale: input should"),
        ("claims-words.csv", ",0.05,", ",,", 3, "about: its limit is missing"),
        ("claims-words.csv", "Over: greater than the number.", "", 5, "over: its meaning is missing"),
        ("claims-words.csv", "\nlower,", "\nlowr,", 23, "lowr: unknown word, did you mean 'lower'?"),
        ("claims-words.csv", "\nlower,,,,,lavere,lower\n", "\n", None, "words are missing: lower"),
    ],
)
def test_a_mistake_is_told_with_its_file_line_and_remedy(
    tmp_path: Path, file: str, old: str, new: str, line: int | None, message: str
) -> None:
    folder = small.place(tmp_path).config
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_claims(folder)
    told = str(caught.value).splitlines()
    where = str(path) if line is None else f"{path}:{line}: "
    assert any(message in fault and fault.startswith(where) for fault in told), told


def test_all_mistakes_are_told_in_one_go(tmp_path: Path) -> None:
    folder = small.place(tmp_path).config
    path = folder / "claims.csv"
    text = path.read_text(encoding="utf-8").replace(",about,", ",abuot,").replace(",value,", ",value,higher")
    path.write_text(text.replace("1200,0,", "1200,9,"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_claims(folder)
    assert [fault.where for fault in caught.value.faults] == [f"{path}:2", f"{path}:3"]


# ---- what every form means ---------------------------------------------------------------------------------------

STEPS = "tabell_90/*/x tabell_90/*/y tabell_90/*/z"
TWO_STEPS = "tabell_90/*/x tabell_90/*/y"

FORMS: list[tuple[Claim, Cells, Cells]] = [
    (says("value", stated="12.3"), shares(a=12.25), shares(a=12.24)),
    (says("about", stated="4"), shares(a=4.5), shares(a=4.51)),
    (says("just_over", stated="5"), shares(a=5.2), shares(a=4.9)),
    (says("over", stated="50"), shares(a=50.1), shares(a=50.0)),
    (says("difference", "a", "b", stated="4"), shares(a=22.0, b=18.2), shares(a=18.2, b=22.0)),
    (says("ratio", "a", "b", stated="2", word="almost"), shares(a=7.6, b=4.0), shares(a=6.8, b=4.0)),
    (says("between", "a b", stated="9 11"), shares(a=8.5, b=11.4), shares(a=8.4, b=11.6)),
    (says("rank", "a", "a b c", word="second_highest"), shares(a=2, b=3, c=1), shares(a=2, b=3, c=2.5)),
    (says("rank", "a", "a b", word="lowest"), shares(a=3.11, b=3.14), shares(a=3.16, b=3.14)),
    (says("order", "a b c"), shares(a=3, b=2, c=1), shares(a=2, b=2.04, c=3)),
    (says("versus", "a", "b c", word="lower"), shares(a=1, b=2, c=3), shares(a=3.04, b=2, c=3)),
    (says("versus", "a", "b", word="level"), shares(a=10.5, b=10.0), shares(a=10.6, b=10.0)),
    (says("versus", word="at_least", than=OTHER), both({"a": 2}, {"a": 2}), both({"a": 1.9}, {"a": 2})),
    (says("share_of", "a b c", "d", word="most higher"), shares(a=3, b=3, c=1, d=2), shares(a=3, b=1, c=1, d=2)),
    (says("share_of", "a b c", "d", word="many higher"), shares(a=3, b=1, c=1, d=2), shares(a=1, b=1, c=1, d=2)),
    (says("trend", measure=STEPS, word="rising"), series(1, 2, 3), series(1, 3, 2)),
    (says("trend", measure=TWO_STEPS, word="slowly rising"), series(100, 102), series(100, 103)),
    (says("trend", measure=TWO_STEPS, word="falling"), series(3, 2), series(3, 3)),
    (says("trend", measure=TWO_STEPS, word="not_falling"), series(3, 3), series(3, 2)),
    (says("trend", measure=TWO_STEPS, word="level"), series(100, 96), series(100, 94)),
    (
        says("widest_gap", "a", "b", than=OTHER),
        both({"a": 1, "b": 9}, {"a": 5, "b": 1}),
        both({"a": 1, "b": 3}, {"a": 5, "b": 1}),
    ),
]


@pytest.mark.parametrize(("claim", "true", "false"), FORMS, ids=lambda value: getattr(value, "form", ""))
def test_each_form_with_planted_values(claim: Claim, true: Cells, false: Cells) -> None:
    assert verdict(claim, true) == "holds"
    assert verdict(claim, false) == "does_not_hold"
    assert verdict(claim, {}) == "not_checkable"


def test_every_form_is_tried() -> None:
    apart = {Form.IMPLIES_AT_LEAST, Form.REFERENCE, Form.NOT_EXECUTABLE}
    assert {claim.form for claim, _, _ in FORMS} == set(Form) - apart


def test_a_reference_is_right_when_the_object_that_shows_the_measure_is_cited() -> None:
    claim = says("reference", "", cited="tabell_91")
    assert verdict(claim, {}) == "wrong_reference"
    assert verdict(claim.model_copy(update={"cited": ("tabell_91", "tabell_90")}), {}) == "holds"
    note = evaluate(world(claim), {}, {}, "nb", str.upper).loc[0, "note"]
    assert note == "Teksten viser til tABELL_91, men tallene står i tABELL_90."


def test_a_floor_that_is_reached_proves_nothing() -> None:
    claim = says("implies_at_least", stated="2.1")
    assert verdict(claim, shares(a=2.2)) == "not_checkable"
    assert verdict(claim, shares(a=2.0)) == "does_not_hold"


def test_a_measure_is_constant_plus_minus_over_per_times_scale() -> None:
    listed = {"plus": "tabell_90/*/x tabell_90/b/x", "minus": "tabell_90/*/y", "per": "tabell_90/*/z"}
    made = Measure.model_validate({"measure": "made", **listed, "constant": 1.0, "scale": 100.0})
    found = cells("tabell_90", "x", a=6, b=5) | cells("tabell_90", "y", a=2) | cells("tabell_90", "z", a=20)
    claim = says("value", measure="made", stated="50")
    assert verdict(claim, found, [made]) == "holds"
    assert verdict(claim, found | cells("tabell_90", "z", a=0), [made]) == "not_checkable"


def test_regions_may_stand_in_the_columns() -> None:
    found = {Place("tabell_90", "immigrants", "a"): 1.0, Place("tabell_90", "others", "a"): 2.0}
    immigrants, others = "tabell_90/immigrants/*", "tabell_90/others/*"
    assert verdict(says("versus", measure=immigrants, than=others, word="lower"), found) == "holds"
    assert verdict(says("versus", measure=others, than=immigrants, word="lower"), found) == "does_not_hold"


@pytest.mark.parametrize(
    ("on_print", "rebuilt", "expected"),
    [
        (shares(a=10, b=8), {}, "partly"),
        ({}, shares(a=10, b=8), "partly"),
        (shares(a=10, b=8), shares(a=10, b=8), "partly"),
        (shares(a=10, b=10), shares(a=10, b=8), "holds_only_for_print"),
        (shares(a=10, b=8), shares(a=10, b=10), "holds_only_rebuilt"),
        (shares(a=8, b=8), shares(a=10, b=8), "partly"),
        (shares(a=10, b=8), shares(a=8, b=8), "partly"),
        (shares(a=8, b=8), {}, "does_not_hold"),
        (shares(a=8), {}, "does_not_hold"),
        (shares(a=10), {}, "not_checkable"),
    ],
)
def test_a_claim_of_several_that_is_true_of_some_agrees_in_part(on_print: Cells, rebuilt: Cells, expected: str) -> None:
    frame = evaluate(world(says("between", "a b", stated="9 11")), on_print, rebuilt, "en", str.upper)
    assert frame.loc[0, "verdict"] == expected
    if expected == "partly":
        assert str(frame.loc[0, "note"]).endswith("Does not agree for: B.")
    if expected == "not_checkable":
        assert str(frame.loc[0, "note"]).endswith("cannot be settled for: B.")


@pytest.mark.parametrize(
    ("on_print", "rebuilt", "expected"),
    [
        (5, 5, "holds"),
        (5, None, "holds"),
        (None, 5, "holds"),
        (5, 6, "holds_only_for_print"),
        (6, 5, "holds_only_rebuilt"),
        (6, None, "does_not_hold"),
        (None, 6, "does_not_hold"),
        (6, 7, "does_not_hold"),
        (None, None, "not_checkable"),
    ],
)
def test_the_two_sides_make_one_verdict(on_print: float | None, rebuilt: float | None, expected: str) -> None:
    printed, computed = ({} if value is None else shares(a=value) for value in (on_print, rebuilt))
    assert evaluate(world(says("value", stated="5")), printed, computed).loc[0, "verdict"] == expected


def test_numbers_copied_from_the_report_are_no_rebuilt_numbers() -> None:
    def seen(number: float, basis: str, **value: Any) -> float | None:
        found = rebuilt_lookup([small.made_up("tabell_90/a/share", number, basis, **value)])
        return found.get(Place("tabell_90", "a", "share"))

    bases = ("source", "recomputed", "transcribed", "prose", "missing")
    assert [seen(number, basis) for number, basis in enumerate(bases)] == [0.0, 1.0, None, None, None]
    # Computed from a number that the text gives, or that is known to be wrong.
    assert seen(2.0, "recomputed", rests_on=(Basis.PROSE, Basis.SOURCE)) is None
    assert seen(1.0, "source", flags=(Flag(FlagKind.KNOWN_WRONG, "wrong_count"),)) is None
    assert seen(1.0, "source", flags=(Flag(FlagKind.BORDER, "B1"),)) == 1.0


def test_printed_numbers_are_those_that_have_a_value() -> None:
    printed = pd.DataFrame({"object": "tabell_90", "row": ["a", "b"], "column": "share", "value": [1.5, None]})
    assert printed_lookup(printed) == shares(a=1.5)


def test_a_verdict_against_the_print_that_is_not_expected_is_told() -> None:
    claims = world(says("value", stated="5"), says("value", stated="6", expected="does_not_hold"))
    assert unexpected(claims, evaluate(claims, shares(a=5), {}), shares(a=5)) == []
    faults = unexpected(claims, evaluate(claims, shares(a=6), shares(a=5)), shares(a=6))
    assert [(fault.where, fault.what) for fault in faults] == [
        ("claims.csv:2", "c2: expected: 'holds', but the verdict is 'does_not_hold'"),
        ("claims.csv:3", "c3: expected: 'does_not_hold', but the verdict is 'holds'"),
    ]


def test_the_frame_has_one_row_per_claim_with_its_place_and_object() -> None:
    claims = world(
        says("value", stated="5", lines="10 20 110", cited="figur_92", object="figur_92"),
        says("about", stated="4000", decimals="0", measure="text/*/x", object="figur_91"),
    )
    frame = evaluate(claims, shares(a=5), {}, "en")
    assert list(frame.columns) == COLUMNS
    assert list(frame["claim"]) == ["c2", "c3"]
    first = frame.loc[0]
    assert (first["chapter"], first["object"], first["cited"]) == ("1, appendix", "figur_92", "figur_92")
    assert first["place"] == "chapter 1 “Innledning”; appendix 1, “Demografi”"
    assert (first["stated"], first["printed"], first["rebuilt"]) == ("5", "5.0", "")
    assert (frame.loc[1, "object"], frame.loc[1, "stated"]) == ("figur_91", "about 4,000")


@pytest.mark.parametrize(
    ("claim", "stated", "printed"),
    [
        (says("about", stated="150000", decimals="0"), "omtrent 150\u202f000", "2"),
        (says("rank", "a", "b a", word="lowest"), "lavest", "B 1,0; A 2,0"),
        (says("order", "a b"), "A > B", "A 2,0; B 1,0"),
        (says("versus", "a", "b c", word="somewhat higher"), "noe høyere", "A 2,0; B 1,0; C ikke oppgitt"),
        (
            says("versus", "a b", than=OTHER, word="lower"),
            "lavere",
            f"oppdiktet {SHARE}: A 2,0; B 1,0 / oppdiktet {OTHER}: A 7,0; B ikke oppgitt",
        ),
        (says("between", "a b", stated="1 3", decimals="0"), "fra 1 til 3", "A 2; B 1"),
        (says("ratio", "a", "b", stated="2", word="almost", decimals="2"), "nesten 2 ganger", "2,00"),
        (says("share_of", "a b", "c", word="most higher"), "de fleste: høyere", "A 2,0; B 1,0; C ikke oppgitt"),
        (says("trend", measure=f"{SHARE} {OTHER}", word="slowly rising"), "svakt stigende", "share 2,0; other 7,0"),
        (
            says("widest_gap", "a", "b", measure=OTHER, than=SHARE),
            f"størst forskjell: oppdiktet {OTHER}",
            f"oppdiktet {SHARE} 1,0; oppdiktet {OTHER} ikke oppgitt",
        ),
    ],
    ids=lambda value: getattr(value, "form", ""),
)
def test_what_is_stated_and_the_numbers_are_shown_in_words(claim: Claim, stated: str, printed: str) -> None:
    frame = evaluate(world(claim), both({"a": 2, "b": 1}, {"a": 7}), {}, "nb", str.upper)
    assert (frame.loc[0, "stated"], frame.loc[0, "printed"]) == (stated, printed)


def verdicts(*claims: Claim, rebuilt: Cells | None = None) -> list[str]:
    return list(evaluate(world(*claims), {}, rebuilt or {})["verdict"])


def drawn(row: str, stated: str, form: str = "value") -> Claim:
    return says(form, row, measure=DRAWN, stated=stated)


def gap(row: str, stated: str, word: str = "about") -> Claim:
    return says("difference", row, "o", measure=DRAWN, stated=stated, word=word)


def compared(one: str, word: str, other: str, lines: str = "10") -> Claim:
    return says("versus", one, other, measure=DRAWN, word=word, lines=lines)


OPEN = "not_checkable"
AWAY = [drawn("o", "31.2"), gap("a", "5", "just_over"), gap("a", "4")]
HIGHEST = says("rank", "b", "a b", measure=DRAWN, word="highest")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        # A relation is checked with numbers stated elsewhere.
        ([drawn("a", "9"), drawn("b", "8"), compared("a", "higher", "b")], [OPEN, OPEN, "holds"]),
        ([drawn("a", "8"), drawn("b", "9"), compared("a", "higher", "b")], [OPEN, OPEN, "does_not_hold"]),
        ([drawn("a", "8"), compared("a", "higher", "b")], [OPEN, OPEN]),
        # Saying it twice does not confirm it, and differing contradicts it.
        ([drawn("a", "31.2"), drawn("a", "31")], [OPEN, OPEN]),
        ([drawn("a", "31.2"), drawn("a", "32")], ["contradicted", "contradicted"]),
        ([drawn("a", "601"), drawn("a", "600", "about")], [OPEN, OPEN]),
        # Worded distances that exclude each other are contradicted, unless a number decides between them.
        (AWAY, [OPEN, "contradicted", "contradicted"]),
        ([*AWAY[:2], gap("a", "5")], [OPEN, OPEN, OPEN]),
        ([AWAY[0], drawn("a", "36"), gap("a", "4"), gap("a", "5", "")], [OPEN, OPEN, "does_not_hold", "holds"]),
        # They still settle a rank they cannot change.
        ([*AWAY, drawn("b", "45.4"), HIGHEST], [OPEN, "contradicted", "contradicted", OPEN, "holds"]),
        ([*AWAY, drawn("b", "36"), HIGHEST], [OPEN, "contradicted", "contradicted", OPEN, OPEN]),
        # The appendix outranks a chapter, and chapters contradict each other.
        ([compared("a", "higher", "b"), compared("a", "lower", "b", "110")], ["does_not_hold", OPEN]),
        ([compared("a", "higher", "b"), compared("a", "lower", "b", "20")], ["contradicted", "contradicted"]),
        ([compared("a", "higher", "b"), compared("b", "higher", "a", "20")], ["contradicted", "contradicted"]),
        ([compared("a", "higher", "b"), compared("a", "higher", "b", "20")], [OPEN, OPEN]),
    ],
)
def test_what_the_text_says_elsewhere_is_held_against_a_claim(claims: list[Claim], expected: list[str]) -> None:
    assert verdicts(*claims) == expected


def test_a_passage_that_says_otherwise_is_named() -> None:
    frame = evaluate(world(compared("a", "higher", "b"), compared("a", "lower", "b", "110")), {}, {}, "en")
    assert frame.loc[0, "note"] == "The report says otherwise in appendix 1, “Demografi”."


def test_a_rebuilt_number_may_settle_what_the_text_half_states() -> None:
    claims = [drawn("a", "64.6"), compared("a", "lower", "o")]
    assert verdicts(*claims, rebuilt=cells("figur_91", "drawn", o=70.0))[1] == "holds"
    assert verdicts(*claims, rebuilt=cells("figur_91", "drawn", o=60.0))[1] == "does_not_hold"
    frame = evaluate(world(*claims), {}, cells("figur_91", "drawn", o=70.0), "en")
    assert (frame.loc[1, "verdict_print"], frame.loc[1, "verdict_rebuilt"]) == ("not_checkable", "holds")
    assert frame.loc[1, "note"] == "Based on numbers in the text of chapter 1 “Innledning”."


# ---- the words ---------------------------------------------------------------------------------------------------

tenths = st.integers(min_value=1, max_value=9_999).map(lambda number: number / 10)


def holds(claim: Claim, **rows: float) -> bool:
    found = verdict(claim, shares(**rows))
    assert found in ("holds", "does_not_hold")
    return found == "holds"


@given(stated=st.integers(1, 500), value=tenths)
def test_about_is_five_per_cent_or_half_a_unit_and_just_over_and_over_begin_at_the_number(
    stated: int, value: float
) -> None:
    def says_so(form: str) -> bool:
        return holds(says(form, stated=f"{stated}"), a=value)

    tolerance = max(0.05 * stated, 0.5)
    about = says_so("about")
    if abs(abs(value - stated) - tolerance) > 1e-6:  # on the edge the binary number decides
        assert about == (abs(value - stated) < tolerance)
    assert says_so("just_over") == (value >= stated and about)
    assert says_so("over") == (value > stated)


@given(a=tenths, b=tenths)
def test_twice_is_nearer_to_two_than_to_its_neighbours_and_almost_twice_is_its_lower_half(a: float, b: float) -> None:
    if min(abs(a / b - 2), abs(a / b - 1.75), abs(a / b - 2.25)) > 1e-9:
        assert holds(says("ratio", "a", "b", stated="2"), a=a, b=b) == (1.75 < a / b < 2.25)
        assert holds(says("ratio", "a", "b", stated="2", word="almost"), a=a, b=b) == (1.75 < a / b < 2)


@given(a=tenths, b=tenths, direction=st.sampled_from(["higher", "lower"]))
def test_degrees_never_hold_against_the_direction_and_fit_together(a: float, b: float, direction: str) -> None:
    def compares(word: str) -> bool:
        return holds(says("versus", "a", "b", word=word), a=a, b=b)

    plain = compares(direction)
    assert plain == ((a > b) if direction == "higher" else (a < b))
    slightly, somewhat, considerably = (
        compares(f"{word} {direction}") for word in ("slightly", "somewhat", "considerably")
    )
    assert not (slightly or somewhat or considerably) or plain
    assert not slightly or somewhat  # what is slightly higher is also somewhat higher
    level = compares("level")
    assert not (level and plain) or slightly
    assert not (level and considerably)
    away = max(a, b) / min(a, b) - 1  # in parts of the smaller one
    if plain and abs(away - 0.2) > 1e-6:
        assert slightly != considerably


@given(a=tenths, b=tenths)
def test_level_is_the_same_from_both_ends_but_for_the_edge(a: float, b: float) -> None:
    away = max(a, b) / min(a, b) - 1  # in parts of the smaller one
    if abs(away - 0.05) > 1e-6:
        assert holds(says("versus", "a", "b", word="level"), a=a, b=b) == (a == b or away < 0.05)
