"""What Eurostat's table of regions leaves to its readers: names of countries, languages of names, and codes of types."""

from __future__ import annotations

# English names of the countries of the table, by the code that Eurostat uses.
COUNTRIES = {
    "AL": "Albania", "AT": "Austria", "BA": "Bosnia and Herzegovina", "BE": "Belgium", "BG": "Bulgaria", "CH": "Switzerland",
    "CY": "Cyprus", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "EE": "Estonia", "EL": "Greece", "ES": "Spain",
    "FI": "Finland", "FR": "France", "HR": "Croatia", "HU": "Hungary", "IE": "Ireland", "IS": "Iceland", "IT": "Italy",
    "LI": "Liechtenstein", "LT": "Lithuania", "LU": "Luxembourg", "LV": "Latvia", "ME": "Montenegro", "MK": "North Macedonia",
    "MT": "Malta", "NL": "Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "RS": "Serbia",
    "SE": "Sweden", "SI": "Slovenia", "SK": "Slovakia", "TR": "Türkiye", "UA": "Ukraine", "UK": "United Kingdom", "XK": "Kosovo",
}
# Countries with statistical regions in place of NUTS regions.
OUTSIDE = frozenset({"AL", "BA", "CH", "IS", "LI", "ME", "MK", "NO", "RS", "TR", "UA", "XK"})
# Language of the names below a code; the longest code that fits decides.
LANGUAGES = {
    "AL": "sq", "AT": "de", "BE1": "mul", "BE2": "nl", "BE3": "fr", "BE336": "de", "BG": "bg", "CH": "de", "CH01": "fr",
    "CH02": "und", "CH023": "de", "CH024": "fr", "CH025": "fr", "CH07": "it", "CY": "el", "CZ": "cs", "DE": "de", "DK": "da",
    "EE": "et", "EL": "el", "ES": "es", "ES111": "gl", "ES113": "gl", "ES212": "eu", "ES213": "eu", "ES512": "ca",
    "ES513": "ca", "ES52": "ca", "ES53": "ca", "ES531": "mul", "FI": "fi", "FI2": "sv", "FR": "fr", "HR": "hr", "HU": "hu",
    "IE": "en", "IS": "is", "IT": "it", "ITH1": "mul", "LI": "de", "LT": "lt", "LU": "fr", "LV": "lv", "MK": "mk", "MT": "mt",
    "NL": "nl", "NO": "nb", "PL": "pl", "PT": "pt", "RO": "ro", "RS": "sr", "SE": "sv", "SI": "sl", "SK": "sk", "TR": "tr",
    "UA": "uk", "UK": "en",
}
# Where a slash parts names of one place in several languages; elsewhere it parts two places.
BILINGUAL = frozenset({"BE", "CH", "ES", "FI", "IT", "MT", "NO", "XK"})
# Codes whose last character went beyond 9, so that they begin with no code above them.
IRREGULAR = {"UKN1": "UKN0"}
# The words of the sheet of typologies to codes of scheme/region-type; the words that deny a type are left out.
REGION_TYPES = {
    "predominantly urban": "urban", "intermediate": "intermediate", "predominantly rural": "rural", "coastal": "coastal",
    "capital city metropolitan region": "metropolitan-capital", "metropolitan region (other)": "metropolitan-other",
    "Land border (internal)": "border-internal", "Land border (external)": "border-external",
    "Border with population threshold": "border-population", "Island": "island", "Capital region": "capital",
    "mountain (> 50% of population live and > 50% of surface in mountain areas)": "mountain-both",
    "mountain (> 50% of surface in mountain areas)": "mountain-surface",
    "mountain (> 50% of population live in mountain areas)": "mountain-population",
}


def above(code: str) -> str | None:
    """The code above a code: the country of a region of level 1, None for a country."""
    return IRREGULAR.get(code[:-1], code[:-1]) if len(code) > 2 else None


def language(code: str, name: str) -> str:
    """The language of a region's name (BCP 47): mul where it is in several, und where that is not certain."""
    if name.startswith("Extra-Regio"):
        return "en"
    if "/" in name and code[:2] in BILINGUAL:
        return "mul"
    return next((LANGUAGES[code[:end]] for end in range(len(code), 1, -1) if code[:end] in LANGUAGES), "und")
