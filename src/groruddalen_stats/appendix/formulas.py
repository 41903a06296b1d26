"""Turns what a cell is into its formula, as text for machines and as a sentence for readers."""

from __future__ import annotations

from groruddalen_stats.appendix.layout import Spec
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.config.models import Indicators


def formula_text(spec: Spec, indicators: Indicators) -> str:
    """Return the formula of a cell: what is counted over what, with the year of each."""
    indicator = indicators.indicators[spec.indicator]
    if indicator.formula == "sum_displayed":
        return f"sum_displayed({' + '.join(spec.sum_of)})"
    terms = terms_of(spec, indicators)
    top, bottom, base, base_bottom = map(_side, (terms.numerator, terms.denominator, *terms.base))
    if base:
        level, base_level = (f"{top} / {bottom}", f"{base} / {base_bottom}") if bottom else (top, base)
        return f"{indicator.formula}(({level}) / ({base_level}))"
    if bottom:
        return f"{indicator.formula}(({top}) / ({bottom}) * {indicator.scale:g})"
    return f"{indicator.formula}({top})"


def _side(terms: tuple[Term, ...]) -> str:
    return " + ".join(map(term_text, terms))


def term_text(term: Term) -> str:
    """Return a term as text: its series, how it is narrowed, and its year."""
    narrowed = [
        term.sex if term.sex != "both" else "",
        term.age if term.age != "all" else "",
        term.background if term.background != "all" else "",
        term.detail,
    ]
    words = ", ".join(word for word in narrowed if word)
    parts = [f"{term.series}[{words}{', ' if words else ''}{year}]" for year in term.years]
    return f"mean({', '.join(parts)})" if term.mean else parts[0]
