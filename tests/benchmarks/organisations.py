"""Synthetic organisations: a table drawn from a seed, for the mappings of maps/."""

from __future__ import annotations

import csv
import random
from pathlib import Path

SEED = 2026
COLUMNS = ("pic", "name", "homepage", "nuts", "division", "called")
REGIONS = ("AT130", "BE100", "CZ010", "CZ064", "CZ080", "DE212", "DE600", "DK011", "ES213", "FI1B1", "FRL04", "PL213", "SE110")
DIVISIONS = ("10", "16", "20", "21", "26", "28", "29", "30", "62", "72")
TRADES = ("Aerospace", "Energía", "Holz & Möbel", "Klastr strojírenství", "Pôle santé", "Textilní", "Wood", '"Łódź" Food, Feed')
CALLED = ("cluster", "klastr", "pôle", "network")
# Nine digits in an order of their own, each once: the step and the number of them have no common factor. No body of the
# project has such a code: real ones begin with 8 or 9.
FIRST_PIC, PICS, STEP = 100_000_000, 99_999_989, 7_919


def write(path: Path, rows: int) -> None:
    """Write the table of that many organisations (CSV, RFC 4180); equal numbers give equal bytes."""
    drawn = random.Random(SEED)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for number in range(rows):
            pic = FIRST_PIC + number * STEP % PICS
            table.writerow([pic, f"{drawn.choice(TRADES)} {number}", f"https://example.org/{pic}", drawn.choice(REGIONS),
                            drawn.choice(DIVISIONS), drawn.choice(CALLED)])
