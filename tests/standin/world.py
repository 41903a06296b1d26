"""Every table of the catalogue from the embedded snapshot, in the shapes that real answers, px files and pages show.

Variables, labels, codes and years are written here as the publishers have them, not as the catalogue asks for them: a
wrong label there fails a test. Each function says where the shape of its table is known from.

Where the snapshot has a figure, the table has it too, so that fetching changes no number. Where it has none, the
values are plainly made up: 11.1, 22.2, the last figure again, or one in so many of those who live there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from standin.server import ARCGIS, KLASS, V1, V2, StandIn
from standin.tables import (
    BYDELS,
    OTHERS,
    PERSONS,
    SEXES,
    SINGLE_YEARS,
    STO013_REGIONS,
    Cells,
    Column,
    StandTable,
    contents,
    first_year,
    numbered,
    oslo_sto013,
    oslo_years,
    population_of_bydeler,
    region,
    rows,
    synthetic,
    table,
    years,
)

AREAS = ("Bjerke", "Grorud", "Stovner", "Alna")
BYDEL = {name: f"0301{number:02}a" for number, name in enumerate(AREAS, start=9)}
EVERY_BYDEL = (*BYDEL.values(), *(f"0301{number:02}a" for number in OTHERS))
# The first municipality of a printed region stands for all of it: only the sum is in the snapshot.
FIRST_OF = {"nedre_romerike": "0226", "ovre_romerike": "0221", "asker_og_baerum": "0219", "follo": "0211"}
LAYER = "Delbydeler/FeatureServer/0"


def printed(name: str) -> dict[tuple[str, str], float]:
    """Return the numbers of a printed table by row and column."""
    return {(row["row"], row["column"]): float(row["value"]) for row in rows(f"published/{name}.csv") if row["value"]}


BACKGROUNDS = (
    ("B-C", "B", "C"),
    (
        "Innvandrere og norskfødte med innvandrerforeldre",
        "Innvandrere",
        "Norskfødte med innvandrerforeldre",
    ),
)


def ssb_10826() -> StandTable:
    cells = population_of_bydeler()
    name = "ssb/10826_bydel_age_2001_2004"
    men_of: Counter[tuple[str, str]] = Counter()
    # Only the sum of the sexes is in the snapshot: half of each district are men, and all of those are Oslo's.
    for row in sorted(rows(f"{name}.csv", f"{name}_andre.csv"), key=lambda row: row["region_code"][:6] == "030100"):
        age, year, persons = first_year(row["age"]), row["year"], int(row["persons"])
        men = men_of[age, year] if row["region_code"].startswith("030100") else persons // 2
        men_of[age, year] += men
        for sex, part in (("1", men), ("2", persons - men)):
            cells[row["region_code"], sex, age, "Personer", year] = float(part)
    only = contents("Personer", "Personer")
    columns = (region([*(key[0] for key in cells), "030109"]), SEXES, SINGLE_YEARS, only, years(2001, 2026))
    return table("10826", "10826: Alders- og kjønnsfordeling for befolkningen i bydeler (B)", columns, cells)


def ssb_07459() -> StandTable:
    counts: dict[tuple[str, ...], int] = {}
    for row in rows("ssb/07459_municipality_age_2005_2026.csv"):
        counts[row["region_code"], first_year(row["age"]), row["year"]] = int(row["persons"])
    for row in rows("ssb/befolkning_kommuner_2001_2004.csv"):
        counts[row["region_code"], "000", row["year"]] = int(row["persons"])
    for row in rows("ssb/10826_bydel_age_2001_2004.csv"):
        if row["region_code"] == "030100a":
            counts["0301", first_year(row["age"]), row["year"]] = int(row["persons"])
    # Only the sum of the sexes is in the snapshot.
    cells = {
        (place, sex, age, "Personer1", year): float(part)
        for (place, age, year), persons in counts.items()
        for sex, part in (("1", persons // 2), ("2", persons - persons // 2))
    }
    columns = (region([*(key[0] for key in cells), "0533", "1103"]), SEXES, SINGLE_YEARS, PERSONS, years(2001, 2026))
    return table("07459", "07459: Befolkning, etter region, kjønn, alder (K)", columns, cells)


def codes_known() -> list[str]:
    return sorted({row["region_code"] for row in rows("ssb/07459_municipality_age_2005_2026.csv")})


@cache
def population() -> dict[tuple[str, str], float]:
    """Return the people of each municipality that there is in a year."""
    people: dict[tuple[str, str], float] = {}
    for row in rows("ssb/07459_municipality_age_2005_2026.csv"):
        key = (row["region_code"], row["year"])
        people[key] = people.get(key, 0.0) + float(row["persons"])
    return {key: persons for key, persons in people.items() if persons}


def made_up(first: int, last: int, one_in: int) -> dict[tuple[str, str], float]:
    """Return a count that is plainly made up: one in so many of those who live in a municipality."""
    return {
        (place, year): float(persons // one_in)
        for (place, year), persons in population().items()
        if first <= int(year) <= last
    }


def place_code(place: str) -> str:
    return FIRST_OF.get(place) or ("0301" if place == "oslo" else BYDEL[place.capitalize()])


def ssb_06070() -> StandTable:
    kinds = tuple(f"{number:03}" for number in range(11))
    places = [*EVERY_BYDEL, *codes_known()]
    households = {(place_code(place), year): value for (place, year), value in printed("tabell_02").items()}
    # The last figures stand for those of later years, and half of the people for those of new municipalities.
    last = {place: households.get((place, "2011"), 0.0) for place in places} | dict.fromkeys(EVERY_BYDEL[4:], 22222.0)
    households |= {(place, str(year)): last[place] for place in (*EVERY_BYDEL, "0301") for year in range(2012, 2026)}
    households |= {
        (place, year): last[place] if int(year) < 2020 else count
        for (place, year), count in made_up(2012, 2025, 2).items()
        if place != "0301"
    }
    cells: dict[Any, float | str] = {
        (place, "002", "Husholdninger", year): count for (place, year), count in households.items()
    }
    for place in ("0301", "0237"):  # figures that are not out
        cells |= {(place, kind, "Husholdninger", "2018"): ".." for kind in kinds}
    columns = (
        region(places),
        Column("HushType", "husholdningstype", kinds, tuple(f"Type {kind}" for kind in kinds)),
        contents("Husholdninger", "Husholdninger"),
        years(2005, 2025),
    )
    return table("06070", "06070: Privathusholdninger, etter husholdningstype (K) (B)", columns, cells)


SYNTHETIC_SHARES = (11.1, 22.2, 33.3, 22.2, 11.2)


def ssb_06079() -> StandTable:
    places = [*EVERY_BYDEL, "0301", "0219"]
    sizes = ("1", "2", "3", "4", "5")
    labels = ("1 person", "2 personer", "3 personer", "4 personer", "5 personer eller flere")
    cells = {
        (place, size, "PersonerPriv", str(year)): share
        for place in places
        for size, share in zip(sizes, SYNTHETIC_SHARES, strict=True)
        for year in range(2005, 2021)
    }
    columns = (
        region(places),
        Column("HusholdStr", "husholdningsstørrelse", sizes, labels),
        contents("PersonerPriv", "Personer i privathusholdninger", ("Privathus", "Privathusholdninger")),
        years(2005, 2020),
    )
    title = "06079: Privathusholdninger og personer i dem, prosent (K) (B)"
    return table("06079", title, columns, cells)


LANDS = (("999", "VES", "IVE", "015a"), ("Alle land", "EU/EØS etc.", "Asia, Afrika etc.", "EU-land i Øst-Europa"))


def ssb_09817() -> StandTable:
    """Known from stored questions: both groups in one are a value of their own."""
    cells: dict[tuple[str, ...], float] = {}
    kinds = {"immigrants": "B", "norwegian_born_to_immigrant_parents": "C"}
    for row in rows("ssb/innvandrere_kommuner_2005_2015.csv"):
        if row["year"] >= "2010":
            place, persons = row["region_code"], float(row["persons"])
            cells[place, kinds[row["measure"]], "999", "Personer1", row["year"]] = persons
            both = (place, "B-C", "999", "Personer1", row["year"])
            cells[both] = cells.get(both, 0.0) + persons
    # The last figures stand for those of later years, and one in eleven for those of new municipalities.
    for (place, year), count in made_up(2016, 2026, 11).items():
        for kind, times in zip(BACKGROUNDS[0], (3, 2, 1), strict=True):
            last = cells.get((place, kind, "999", "Personer1", "2015"), times * count)
            cells[place, kind, "999", "Personer1", year] = last
    # The report's own number of the group, and two thirds of all in other years.
    cells |= {
        (place, kind, "IVE", "Personer1", year): persons * 2 // 3
        for (place, kind, _, _, year), persons in cells.items()
        if place == "0301"
    }
    cells["0301", "B-C", "IVE", "Personer1", "2011"] = printed("tabell_05")["oslo", "count"]
    columns = (
        region(codes_known()),
        Column("InnvandrKat", "innvandringskategori", BACKGROUNDS[0], BACKGROUNDS[1]),
        Column("Landbakgrunn", "landbakgrunn", *LANDS),
        contents("Personer1", "Personer", ("AndelBefolkning", "Andel av befolkningen (prosent)")),
        years(2010, 2026),
    )
    return table("09817", "09817: Innvandrere og norskfødte (K)", columns, cells)


def ssb_12610() -> StandTable:
    """A publication names it; its variables are taken to be those of 09817 and its districts those of 10826."""
    columns = (
        region(EVERY_BYDEL),
        Column("InnvandrKat", "innvandringskategori", BACKGROUNDS[0][1:], BACKGROUNDS[1][1:]),
        Column("Landbakgrunn", "landbakgrunn", *LANDS),
        PERSONS,
        years(2019, 2026),
    )
    cells = {
        (place, kind, land, "Personer1", str(year)): persons * share
        for place in EVERY_BYDEL
        for kind, persons in (("B", 3333.0), ("C", 1111.0))
        for land, share in (("999", 3.0), ("IVE", 2.0))
        for year in range(2019, 2027)
    }
    return table("12610", "12610: Innvandrere og norskfødte, bydeler i Oslo (B)", columns, cells)


def kostra(title: str, counts: Sequence[tuple[str, str]], cells: Cells, first: int, last: int) -> StandTable:
    rates = (("KOSrate0000", "Per 1000 innbyggere (per 1000)"), ("KOSandel0000", "Andel (prosent)"))
    columns = (
        region([*codes_known(), "EAK", "EKG13"], "KOKkommuneregion0000"),
        contents(*counts[0], *counts[1:], *rates),
        years(first, last),
    )
    return table(title[:5], title, columns, cells)


def ssb_04906() -> StandTable:
    """Known from its page: the contents and the years."""
    cells = {
        (FIRST_OF[place], "KOSmottakere", "2010"): value
        for (place, column), value in printed("tabell_07").items()
        if place in FIRST_OF and column == "recipients"
    }
    cells |= {(place, code, str(year)): n for (place, code, _), n in cells.items() for year in range(2011, 2017)}
    title = "04906: Sosialtjenesten - nøkkeltall (K) (avslutta)"
    return kostra(title, [("KOSmottakere", "Sosialhjelpsmottakere")], cells, 1999, 2016)


# Tables of KOSTRA: what they count, each with one in so many of the residents of a municipality, and their years.
COUNTED: dict[str, tuple[dict[tuple[str, str], int], int, int]] = {
    # Known from its English page, "Number of cases on social assistance (number)"; the Norwegian words are a guess.
    "12210: Sosialtjenesten (K)": ({("KOSmottakere0000", "Sosialhjelpsmottakere (antall)"): 50}, 2015, 2022),
    # Known from stored descriptions: the region variable, the unit and the years.
    "13995: Sosialhjelpsmottakere (K)": ({("KOSmottakere0000", "Sosialhjelpsmottakere (antall)"): 50}, 2022, 2025),
    # Known from its title and years.
    "13138: Sosialhjelpstilfeller, utbetalt beløp og stønadstid (K) (avslutta serie)": (
        {("KOStilfeller0000", "Sosialhjelpstilfeller (antall)"): 50}, 2015, 2021,
    ),
    # Known from Statistics Norway's pages, which word the count so.
    "12008: Kommunalt disponerte boliger (K)": (
        {("KOSkommdispb0000", "Totalt antall kommunalt disponerte boliger (antall)"): 50}, 2015, 2025,
    ),
    # Known to exist; its words are those in which the definition pages of KOSTRA say what is counted.
    "13277: Husbanken (K)": ({
        ("KOSstartlan0000", "Antall boliger godkjent av kommunen for finansiering med startlån (antall)"): 500,
        ("KOStilskudd0000", "Antall boliger godkjent av kommunen for boligtilskudd til etablering (antall)"): 2000,
    }, 2015, 2025),
    # The count has a definition page; nobody knows the number of its table, nor that of another on the subject.
    "19991: Husstander i midlertidige botilbud (K)": (
        {("KOStotmidlbo0000", "Husstander i midlertidige botilbud, i alt (antall)"): 50}, 2015, 2025,
    ),
    "19992: Midlertidige botilbud, utgifter (K)": (
        {("KOSutgmidlbo0000", "Utgifter til midlertidige botilbud (1000 kr)"): 50}, 2015, 2025,
    ),
}  # fmt: skip


def ssb_counted() -> list[StandTable]:
    return [
        kostra(
            title,
            list(counts),
            {
                (place, code, year): persons
                for (code, _), one_in in counts.items()
                for (place, year), persons in made_up(first, last, one_in).items()
            },
            first,
            last,
        )
        for title, (counts, first, last) in COUNTED.items()
    ]


def ssb_11695() -> StandTable:
    """Known from published code that asks for all of it."""
    codes, labels = ("0", "1", "2"), ("Begge kjønn", "Menn", "Kvinner")
    cells: dict[tuple[str, ...], float] = {}
    for (place, year), persons in made_up(2015, 2024, 20).items():
        parts = {"1": float(persons // 2), "2": persons - persons // 2, "0": persons}
        cells |= {(place, sex, "UforetygdPers", year): part for sex, part in parts.items()}
    columns = (
        region(codes_known()),
        Column("Kjonn", "kjønn", codes, labels),
        contents("UforetygdPers", "Mottakere av uføretrygd", ("UforetrygdPros", "Andel uføretrygdede (prosent)")),
        years(2015, 2024),
    )
    return table("11695", "11695: Uføretrygdede, etter region, kjønn (K)", columns, cells)


def ssb_13563() -> StandTable:
    """Known from published code that asks for it: statuses, ages and immigrant categories."""
    statuses = ("TOT", "A.01", "A.09", "U.01", "U.03")
    labels = ("I alt", "Sysselsatte", "Registrerte arbeidsledige", "Deltakere på arbeidsmarkedstiltak")
    ages, kinds = ("15-29", "15-74", "20-66"), ("A-G", "B", "A_C-G")
    people = made_up(2016, 2024, 1)
    cells = {
        ("0301", status, "15-74", "A-G", "Bosatte", year): float(persons // of)
        for (place, year), persons in people.items()
        if place == "0301"
        for status, of in (("TOT", 1), ("A.09", 50), ("U.01", 200))
    }
    columns = (
        region(codes_known()),
        Column("HovArbStyrkStatus", "prioritert arbeidsstyrkestatus", statuses, (*labels, "Under ordinær utdanning")),
        Column("Alder", "alder", ages, tuple(f"{age} år" for age in ages)),
        Column("InnvandrKat", "innvandringskategori", kinds, ("Hele befolkningen", "Innvandrere", "Ikke innvandrere")),
        contents("Bosatte", "Bosatte", ("BosatteProsent", "Bosatte (prosent)")),
        years(2015, 2024),
    )
    return table("13563", "13563: Prioritert arbeidsstyrkestatus (K)", columns, cells)


def ssb_14710() -> StandTable:
    """Known from the files of others: monthly, 2025 = 100. The months of a year are as far above as below its mean."""
    mean = {row["year"]: float(row["index"]) for row in rows("ssb/kpi_2003_2017.csv")}
    months = [f"{year}M{month:02}" for year in range(2003, 2027) for month in range(1, 13)][: -12 + 10]
    only = contents("KpiIndMnd", "Konsumprisindeks (2025=100)")
    cells = {
        ("KpiIndMnd", month): mean[min(month[:4], "2017")] + (0.5 if int(month[5:]) % 2 else -0.5) for month in months
    }
    time = Column("Tid", "måned", tuple(months), tuple(months), role="time")
    return table("14710", "14710: Konsumprisindeks (2025=100)", (only, time), cells)


# ---- Oslo -------------------------------------------------------------------------------------------------------


def worded(label: str, *labels: str) -> Column:
    """Return a variable of a new build of Oslo's: its labels are its codes."""
    return Column(label, label, labels, labels)


CODED = {9: "Bjerke", 10: "Grorud", 11: "Stovner", 12: "Alna"} | OTHERS
CODED_PLACES = numbered("bosted", ("0301 Oslo i alt", *(f"{number:02} {name}" for number, name in CODED.items())))
ONLY_COUNT = numbered("statistikkvariabel", ("Antall",))


def oslo_sos006() -> StandTable:
    codes = ("301", *(f"301{number:02}" for number in CODED))
    columns = (
        oslo_years(2004, 2024),
        Column("bosted", "bosted", codes, ("Oslo i alt", *CODED.values())),
        numbered("kjønn", ("I alt", "Kvinner", "Menn")),
        numbered("aldersgruppe", ("I alt", "18-29", "30-67")),
        numbered("statistikkvariabel", ("antall personer",)),
    )
    sexes = {"women": "Kvinner", "men": "Menn", "both": "I alt"}
    cells = {}
    for row in rows("oslo/sos006_uforetrygd_2004_2024.csv", "oslo/sos006_uforetrygd_2004_2024_andre.csv"):
        place = row.get("region") or row["region_code"][1:]
        if place in codes or place in columns[1].labels:
            sex = sexes.get(row["sex"], row["sex"])
            cells[row["year"], place, sex, "I alt", "antall personer"] = float(row["persons"] or 0)
    folder = "Trygd, sosiale tjenester og barnevern/Trygd"
    return table("OK-SOS006.px", "ok-sos006", columns, cells, other="-", folder=folder)


def oslo_population() -> list[StandTable]:
    """Return population and immigrants with visibly synthetic values: the figures of Statistics Norway come first.

    Places and sexes are known from the px file of their sibling BEF029; the other variables of BEF028 are a guess.
    """
    kinds = numbered("innvandringskategori", ("Innvandrere", "Norskfødte med innvandrerforeldre"))
    backgrounds, time = numbered("landbakgrunn", ("I alt", "Asia")), oslo_years(2004, 2011)
    sexes = numbered("kjønn", ("Mann", "Kvinne", "Begge kjønn"))
    ages = numbered("alder", (*(f"{age:3} år" for age in range(105)), "105+ år"))
    immigrants = (CODED_PLACES, backgrounds, kinds, ONLY_COUNT, time)
    return [
        synthetic((CODED_PLACES, sexes, ages, time), id_="OK-BEF001.px", folder="Befolkning/Folkemengde"),
        synthetic(immigrants, id_="OK-BEF028.px", folder="Befolkning/Innvandrere"),
    ]


def oslo_hus001() -> StandTable:
    """Return households by size for single sub-districts; the first of a district carries all of it."""
    names = ("102", "901", "902", "1001", "1101", "1201", *(f"{number}01" for number in OTHERS if number > 1))
    sizes = tuple(
        f"{size} i HH" for size in ("1 person", *(f"{n} personer" for n in range(2, 6)), "6 personer eller flere")
    )
    first = dict(zip(AREAS, ("901", "1001", "1101", "1201"), strict=True))
    cells = {
        (row["year"], first[row["region"]], sizes[0]): float(row["households"])
        for row in rows("oslo/husholdninger_vektet_2008_2018.csv")
        if row["region"] in first
    }
    columns = (
        oslo_years(2008, 2018),
        Column("delbydel", "delbydel", names, names),
        numbered("antall personer i husholdningen", sizes),
    )
    title, folder = "Husholdninger etter antall personer", "Husholdninger og boforhold"
    return table("OK-HUS001.px", title, columns, cells, folder=folder)


def oslo_bol012() -> StandTable:
    """Known from what others write of it: three variables, from 2018."""
    places = numbered("geografi", (*BYDELS, "Oslo i alt"))
    prices = [oslo_years(2018, 2025), places, numbered("statistikkvariabel", ("Kvadratmeterpris (kroner)",))]
    return synthetic(prices, id_="OK-BOL012.px", folder="Boliger og byggevirksomhet/Boligpriser")


DELBYDELER = {row["code"]: row["name"] for row in rows("oslo/delbydeler_groruddalen.csv")}
DWELLINGS = {
    "Frittliggende enebolig eller våningshus": 100.0,
    "Hus i kjede, rekke-/terasse-hus, vertikaldelt tomannsbolig": 200.0,
    "Horisontaldelt tomannsbolig eller annet boligbygg med mindre enn 3 etasjer": 50.0,
    "Blokk, leiegård e.l.": 600.0,
    "Forretningsgård, bygg for felleshusholdning e.l.": 50.0,
}


def oslo_boligmengden() -> list[StandTable]:
    """Return the table of the folder by type of building, whose five labels are known, and another, under names not known."""
    time = oslo_years(2012, 2026)
    names = [name for code, name in DELBYDELER.items() if code != "0903"]  # Økern was divided
    places = numbered("geografi", ["Oslo i alt", *names, "Grønland"])
    kinds = numbered("bygningstype", tuple(DWELLINGS))
    cells = {
        (place, kind, "Antall", year): count
        for place in places.codes[1:]
        for kind, count in DWELLINGS.items()
        for year in time.labels
    }
    folder = "Boliger og byggevirksomhet/Boligmengden"
    rooms = numbered("antall rom", ("1 rom", "2 rom"))
    return [
        table(
            "OK-BOL998.px", "Boliger etter bygningstype (D)", (places, kinds, ONLY_COUNT, time), cells, folder=folder
        ),
        table("OK-BOL999.px", "Boliger etter antall rom (D)", (places, rooms, ONLY_COUNT, time), {}, folder=folder),
    ]


def oslo_sys005() -> StandTable:
    """Known from what the city's own build makes it from; of its statuses only the total and the labour force were seen."""
    time = oslo_years(2016, 2024)
    places = numbered("bosted", (*CODED.values(), "Oslo i alt"))
    levels = numbered("utdanningsnivå", ("Grunnskole", "Utdanning i alt"))
    ages = numbered("alder", ("15-29", "30-61", "62-74", "75+", "Alder i alt"))
    counts = {"I alt": 10000.0, "Registrerte arbeidsledige": 300.0, "Deltakere på arbeidsmarkedstiltak": 100.0}
    statuses = numbered("sysselsettingsstatus", ("Arbeidsstyrken", *counts))
    measures = numbered("statistikkvariabel", ("antall personer", "andel av referansegruppe", "referansegruppe"))
    cells = {
        (place, "Utdanning i alt", age, status, "antall personer", year): persons
        for place in places.codes
        for age in ages.labels[:3]
        for status, persons in counts.items()
        for year in time.labels
    }
    columns = (places, levels, ages, statuses, measures, time)
    title = "Arbeidsstyrkestatus (inkl. NEET) for personer 15+ år, etter bosted, alder og utdanning (B)"
    return table("OK-SYS005.px", title, columns, cells, folder="Sysselsetting")


def oslo_utd027() -> StandTable:
    """Known from the px file of the city's own build. The first sub-district of a city district carries all of it."""
    time = years(1999, 2024, code="aar", label="aar", sequence=True)
    names = {"10000": "Oslo i alt", "1001": "Ammerud", "102": "Grønland", "1101": "Vestli", "1201": "Furuset"}
    names |= {"901": "Veitvet", "9999": "Uten registrert adresse"}
    names |= {f"{number}01": f"Delbydel {number}01" for number in OTHERS if number > 1}
    places = Column("bosted_kode", "bosted", tuple(names), tuple(names.values()))
    sexes = worded("kjoenn", "Begge kjønn", "Kvinne", "Mann")
    ages = worded("aldersgruppe", "16-29 år", "67 år +", "Alder i alt")
    high = [f"Universitets- og høgskolenivå, {length}" for length in ("kort", "lang")]
    levels = worded("utdanningsniva", "Alle utdanningsnivå", "Grunnskole", *high)
    measures = contents("ANTA", "antall", ("ANDE", "andel"))
    place_of = {"0301": "10000", "030109": "901", "030110": "1001", "030111": "1101", "030112": "1201"}
    place_of |= {f"0301{number:02}": f"{number}01" if number > 1 else "102" for number in OTHERS}
    sex_of = dict(zip(("both", "women", "men"), sexes.codes, strict=True))
    cells = {}
    for row in rows("oslo/utd027_utdanning_2004_2024.csv", "oslo/utd027_utdanning_2004_2024_andre.csv"):
        if place := place_of.get(row["region_code"]):
            for level, count in ((levels.codes[0], row["residents"]), (high[0], row["higher_education"])):
                cells[place, sex_of[row["sex"]], "Alder i alt", level, "ANTA", row["year"]] = float(count)
    folder = "Barnehage, skole og utdanning/Utdanningsnivå og ikke fullført VGS"
    return table("OK-UTD027.px", "UTD027", (places, sexes, ages, levels, measures, time), cells, folder=folder)


def oslo_sys002() -> StandTable:
    """Return employed persons: Oslo's figures as embedded, and districts that grew evenly to what they had in 2024.

    Where the snapshot has the sum of the sexes only, half of it is women. Known from the px file of the city's own
    build: districts beside sub-districts of the same name, no value for all ages of 15-74 but "Alder i alt".
    """
    time = oslo_years(2003, 2023)
    names = {"both": "Begge kjønn", "women": "Kvinne", "men": "Mann"}
    measures = {"employed": "Antall sysselsatte", "share": "Andel sysselsatte", "population": "Bosatte totalt"}
    columns = (
        numbered("geografi", ("Oslo i alt", *BYDELS, "Grorud")),
        numbered("kjønn", tuple(names.values())),
        # The first band carries the whole, so that sums are the same.
        numbered("alder", ("15-24 år", "25-39 år", "40-49 år", "50-59 år", "60-74 år", "Alder i alt")),
        numbered("statistikkvariabel", tuple(measures.values())),
        time,
    )
    ours = (
        (row["region"], row["sex"], row["measure"], row["persons"]) for row in rows("oslo/sys002_sysselsatte_2024.csv")
    )
    others = (
        (OTHERS.get(int(row["region_code"][-2:]), ""), row["sex"], measure, row[column])
        for row in rows("oslo/sys002_sysselsatte_2024_andre.csv")
        for measure, column in (("employed", "employed"), ("population", "residents"))
    )
    known = [(f"Bydel {name}", sex, measure, int(count)) for name, sex, measure, count in (*ours, *others)]
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for year in time.labels:
        grown = 0.5 + 0.5 * (int(year) - 2003) / (2024 - 2003)
        for place, one, measure, count in known:
            if place in BYDELS and one != "both":
                for sex in (one, "both"):
                    counts[place, sex, measure, year] += int(grown * count)
        for sex, times in (("both", 2), ("women", 1), ("men", 1)):
            counts["Oslo i alt", sex, "employed", year] = 111111 * times
    for row in rows("ssb/regsys_employed_2008_2009.csv", "ssb/regsys_oslo_kjonn_2009_2010.csv"):
        if row["region"] == "Oslo" and row["measure"] == "employed":
            persons = int(row["persons"])
            halves = {"women": persons // 2, "men": persons - persons // 2} if row["sex"] == "both" else {}
            for sex, part in {**halves, row["sex"]: persons}.items():
                counts["Oslo i alt", sex, "employed", row["year"]] = part
    # Residents of the city are half as many again.
    residents = {(*key[:2], "population", key[3]): 1.5 * n for key, n in counts.items() if key[0] == "Oslo i alt"}
    cells = {
        (place, names[sex], "15-24 år", measures[measure], year): count
        for (place, sex, measure, year), count in {**counts, **residents}.items()
    }
    return table("OK-SYS002.px", "Sysselsatte (15-74 år)", columns, cells, folder="Sysselsetting")


# ---- all of it --------------------------------------------------------------------------------------------------


@cache
def tables() -> tuple[StandTable, ...]:
    """Return every table of the catalogue."""
    ssb = [ssb_10826(), ssb_07459(), ssb_06070(), ssb_06079(), ssb_09817(), ssb_12610(), ssb_04906(), *ssb_counted()]
    ssb += [ssb_14710(), ssb_11695(), ssb_13563()]
    oslo = [oslo_sto013((*STO013_REGIONS, *BYDELS[4:])), oslo_sos006(), *oslo_population(), oslo_hus001()]
    oslo += [oslo_bol012(), oslo_sys002(), *oslo_boligmengden(), oslo_sys005(), oslo_utd027()]
    return (*ssb, *oslo)


def documents() -> dict[str, bytes]:
    """Return what KLASS and the map service answer, by path."""
    codes = {"codes": [{"code": "0301", "name": "Oslo"}, {"code": "3201", "name": "Bærum"}]}
    changes = {"codeChanges": [{"oldCode": "0220", "newCode": "3025", "changeOccurred": "2020-01-01"}]}
    features = []
    for number, name in enumerate(AREAS):
        west = 10.80 + number / 50
        ring = [[west, 59.95], [west + 0.01, 59.95], [west + 0.01, 59.96], [west, 59.96], [west, 59.95]]
        properties = {"BYDEL": f"{9 + number:02}", "DELBYDEL": f"{9 + number:02}01", "DELBYDELSN": f"Firkant i {name}"}
        features.append(
            {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        )
    found: dict[str, Any] = {f"{ARCGIS}/{LAYER}/query": {"type": "FeatureCollection", "features": features}}
    found[f"{ARCGIS}/{LAYER}"] = {"fields": [{"name": "BYDEL"}]}
    for number in (131, 103):
        found[f"{KLASS}/classifications/{number}/codes"] = codes
    # There is no table of changes between the versions of 103.
    found[f"{KLASS}/classifications/131/changes"] = changes
    return {path: json.dumps(content).encode() for path, content in found.items()}


def world() -> StandIn:
    """Return a stand-in that serves the whole catalogue."""
    stand = StandIn(tables())
    stand.documents.update(documents())
    return stand


def environment(root: str) -> dict[str, str]:
    """Return the variables that point every service of the catalogue at a stand-in."""
    paths = {"SSB": V2, "OSLO": V1, "KLASS": KLASS, "OSLO_MAPS": ARCGIS, "GEONORGE": "/wfs"}
    return {f"GRORUDDALEN_STATS_{name}_URL": f"{root}{path}" for name, path in paths.items()}
