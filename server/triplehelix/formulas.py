"""What a spreadsheet would run as a formula when it opens a text file, and how it is kept from that."""

from __future__ import annotations

import re

STRING = "http://www.w3.org/2001/XMLSchema#string"
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
# A value of a type that begins with a sign: numbers, durations and years, which no spreadsheet can take for more.
SIGNED = re.compile(r"[-+][0-9A-Za-z.:+-]*")


def guarded(text: str, datatype: str = STRING) -> str:
    """The text as no spreadsheet runs it: an apostrophe stands before what begins as a formula.

    It also stands before what begins with apostrophes and then such a character: who takes one off again has the text.
    """
    if not FORMULA.match(text) or (datatype != STRING and SIGNED.fullmatch(text)):
        return text
    return "'" + text
