"""What synthetic graphs are drawn from: words of four languages, coined names, dates, and lists whose first come up most."""

from __future__ import annotations

import random
from itertools import accumulate

from benchmarks.terms import typed

LANGUAGES = ("en", "de", "fr", "cs")
# One trade a row, in the order of LANGUAGES.
TRADES = (
    ("wood", "Holz", "bois", "dřevo"), ("food", "Ernährung", "alimentation", "potraviny"),
    ("energy", "Energie", "énergie", "energie"), ("health", "Gesundheit", "santé", "zdraví"),
    ("machinery", "Maschinenbau", "machines", "strojírenství"), ("textiles", "Textil", "textile", "textil"),
    ("aerospace", "Luftfahrt", "aéronautique", "letectví"), ("optics", "Optik", "optique", "optika"),
    ("packaging", "Verpackung", "emballage", "obaly"), ("automotive", "Fahrzeugbau", "automobile", "automobily"),
    ("chemistry", "Chemie", "chimie", "chemie"), ("materials", "Werkstoffe", "matériaux", "materiály"),
    ("logistics", "Logistik", "logistique", "logistika"), ("media", "Medien", "médias", "média"),
    ("water", "Wasser", "eau", "voda"), ("software", "Software", "logiciel", "software"),
    ("tourism", "Tourismus", "tourisme", "cestovní ruch"), ("batteries", "Batterien", "batteries", "baterie"),
    ("robotics", "Robotik", "robotique", "robotika"), ("biotechnology", "Biotechnologie", "biotechnologie", "biotechnologie"))
COUNTRIES = ("AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU",
             "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "TR")
SYLLABLES = ("al", "bra", "cor", "del", "en", "fal", "gra", "hol", "in", "jar", "kel", "lo", "mar", "nor", "ost", "pra", "qui",
             "ros", "sal", "tor", "ul", "vel", "win", "zem")


def coined(drawn: random.Random) -> str:
    """A name that nobody bears, or hardly."""
    return "".join(drawn.choices(SYLLABLES, k=drawn.choice((2, 3, 3)))).capitalize()


def trade(drawn: random.Random, language: str) -> str:
    return drawn.choice(TRADES)[LANGUAGES.index(language)]


def date(drawn: random.Random, first: int, last: int) -> str:
    """A date as sources give it: to the day, or the year alone."""
    year = drawn.randint(first, last)
    if drawn.random() < 0.3:
        return typed(year, "gYear")
    return typed(f"{year}-{drawn.randint(1, 12):02}-{drawn.randint(1, 28):02}", "date")


class Zipf:
    """Draws from a list whose n-th element comes up in proportion to 1 / (n + flat)."""

    def __init__(self, elements: list[str], flat: float = 1.0) -> None:
        self._elements = elements
        self._weights = list(accumulate(1 / (number + flat) for number in range(len(elements))))

    def draw(self, drawn: random.Random) -> str:
        return drawn.choices(self._elements, cum_weights=self._weights)[0]

    def some(self, drawn: random.Random, most: int) -> list[str]:
        """One to `most` different elements."""
        return sorted({self.draw(drawn) for _ in range(drawn.randint(1, most))})
