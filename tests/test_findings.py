"""Findings: one form for every fault, and its three renderings."""

import json

from triplehelix.findings import RENDERINGS, Faulty, Finding, fault

PLACED = Finding("data/a.ttl", 7, "<id/x>", "no name")
UNPLACED = Finding("data", 0, "", "nothing to check")


def test_a_finding_reads_file_line_focus_message():
    assert str(PLACED) == "data/a.ttl:7: <id/x>: no name"


def test_a_finding_without_line_and_focus_leaves_both_out():
    assert str(UNPLACED) == "data: nothing to check"


def test_faulty_holds_each_finding_once_and_sorted():
    assert Faulty([PLACED, UNPLACED, PLACED]).findings == [UNPLACED, PLACED]


def test_fault_is_one_finding():
    assert fault("a.ttl", "broken", 3).findings == [Finding("a.ttl", 3, "", "broken")]


def test_text_is_one_line_a_finding():
    assert RENDERINGS["text"]([PLACED, UNPLACED]).splitlines() == [str(PLACED), str(UNPLACED)]


def test_json_holds_every_field():
    assert json.loads(RENDERINGS["json"]([PLACED])) == [
        {"path": "data/a.ttl", "line": 7, "focus": "<id/x>", "message": "no name"}]


def test_github_points_to_the_line():
    assert RENDERINGS["github"]([PLACED]) == "::error file=data/a.ttl,line=7::<id/x> no name"


def test_github_has_a_line_even_where_none_is_known():
    assert ",line=1::" in RENDERINGS["github"]([UNPLACED])


def test_github_keeps_a_message_of_two_lines_in_one_command():
    rendered = RENDERINGS["github"]([Finding("a.ttl", 1, "", "50 %\nof it")])
    assert rendered == "::error file=a.ttl,line=1::50 %25%0Aof it"
