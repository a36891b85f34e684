"""The importer references: on the seed page against the inventory made by hand, on texts with planted faults, on bad input."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib import Graph, Namespace

from conftest import ROOT
from triplehelix import check
from triplehelix.findings import Faulty
from triplehelix.importers import Order, import_file
from triplehelix.importers.references.entries import authors, entry
from triplehelix.importers.references.names import difference, split_years
from triplehelix.importers.references.order import misplaced
from triplehelix.importers.references.pointers import groups
from triplehelix.importers.references.text import Passage, read_text
from triplehelix.project import Project

BASE = "https://w3id.org/triplehelix/"
TH = Namespace(f"{BASE}ns#")
OA, C4O, BIRO, DCTERMS = (Namespace(n) for n in ("http://www.w3.org/ns/oa#", "http://purl.org/spar/c4o/",
                                                 "http://purl.org/spar/biro/", "http://purl.org/dc/terms/"))
# The defects of the inventory that a reader of the page sees in its citations and entries alone.
VISIBLE = ("M01", "M02", "M03", "M04", "M05", "M06", "M07", "M11", "M12", "M14", "M15", "M17", "M18", "M21")
PLANTED = {
    "lantern-tides": {
        ("year-conflict", "Quill's (1989)"), ("cited-not-listed", "Amberley & Quill, 2012"),
        ("listed-not-cited", "Lumley, O. (2004)"), ("typo-in-entry", "(19777)"), ("accent", "Kestrél"), ("accent", "Hoelscher"),
        ("capitalisation", "van der Zwaan"), ("author-order", "Dorn & Cavalcanti, 2010"),
        ("separator", "Ivarsson, 2001, Jonquil, 1965"), ("missing-comma-or-stray-space", "Brandvold 2003"),
        ("missing-comma-or-stray-space", "Hoelscher , 1990"), ("punctuation", "Cavalcanti et al, 2007"),
        ("missing-initial-or-punctuation", "Ivarsson, J"), ("punctuation", "p. 1-19"), ("punctuation", "wax,,"),
        ("punctuation", "Saltby:  Make-Believe"), ("punctuation", "Make-Believe Books"), ("entry-order", "Quill 1998")},
    "moss-ledger": {
        ("year-conflict", "Dunmere 1978"), ("cited-not-listed", "Yardley and Zell (1962)"), ("cited-not-listed", "Zimt (2013)"),
        ("listed-not-cited", "Grimsby, Ada. 1944"), ("listed-not-cited", "Mugler, Hanna. 1948"),
        ("hybrid-entry", "1999, 2001. Four Spoons, in Fenwick (2001). Tarn: Spore Press"), ("accent", "Wisniewski"),
        ("hyphen", "Okonjo Baptiste"), ("author-order", "Mugler and Müller 1950"), ("punctuation", "Perrault, 1971"),
        ("separator", "Perrault 1971, Wisniewski 2005"), ("capitalisation", "the price"),
        ("missing-initial-or-punctuation", "Green Tarn"), ("observation", "Müller, Otto, and Hanna Mugler.")},
    "glass-bees": {
        ("accent", "Esterhazy"), ("accent", "Jorgensen"), ("cited-not-listed", "Kuznetsov 1966"),
        ("name-and-year", "Fenimore and Gantt 2006"), ("punctuation", "Jørgensen A."), ("punctuation", "Wexmouth."),
        ("missing-initial-or-punctuation", "Mirza (n.d.)"), ("entry-order", "Borrow 2006"),
        ("duplicate-item", "Borrow K (2006) The empty hive. Crystal Comb Publishers, Wexmouth")}}
# (groups, pointers, entries) of each text, counted by hand.
SIZES = {"lantern-tides": (13, 23, 15), "moss-ledger": (14, 19, 12), "glass-bees": (14, 21, 17)}


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the ontology, shapes and queries of this checkout, and no data of its own."""
    root = tmp_path_factory.mktemp("vocabulary")
    for room in ("ontology", "shapes", "queries"):
        (root / room).symlink_to(ROOT / room)
    (root / "data").mkdir()
    return root


@pytest.fixture
def project(vocabulary: Path, tmp_path: Path) -> Project:
    return Project(shutil.copytree(vocabulary, tmp_path / "project", symlinks=True))


def read(project: Project, text: Path) -> Graph:
    """What the importer finds in a text."""
    return Graph().parse(import_file(project, Order("references", text)).target)


def defects(graph: Graph) -> set[tuple[str, int, str, str]]:
    """(kind, line, target below id/ without the slug of the text, words as written) of every defect."""
    slugs = [str(text).rpartition("/")[2] for text in set(graph.objects(None, TH.inText))]
    return {(str(graph.value(d, TH.kind)).rpartition("/")[2], int(graph.value(d, TH.line)),
             str(graph.value(d, OA.hasTarget)).removeprefix(f"{BASE}id/").replace(f"/{slugs[0]}", "/"),
             str(graph.value(d, TH.asWritten))) for d in graph.subjects(OA.hasTarget)}


def tally(graph: Graph) -> tuple[int, int, int]:
    return tuple(len(set(graph.subjects(None, kind))) for kind in (
        TH.CitationGroup, C4O.InTextReferencePointer, BIRO.BibliographicReference))


@pytest.fixture(scope="module")
def seed(shared: Path, vocabulary: Path, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """What the importer finds on the seed page, under the slug of the curated graphs."""
    text = shutil.copy(next((shared / "seed").glob("*.txt")), tmp_path_factory.mktemp("seed") / "s3p.txt")
    return read(Project(shutil.copytree(vocabulary, tmp_path_factory.mktemp("seed") / "p", symlinks=True)), Path(text))


# --- the seed page

def test_the_seed_page_has_its_groups_pointers_and_entries(seed: Graph):
    assert tally(seed) == (12, 22, 18)


def test_pointers_and_entries_are_those_of_the_inventory(seed: Graph):
    curated = Graph().parse(ROOT / "data/page/citations.ttl")
    pointers = [set(g.subject_objects(C4O.denotes)) for g in (seed, curated)]
    contents = [{(s, str(o)) for s, o in g.subject_objects(C4O.hasContent) if "/quotation/" not in s} for g in (seed, curated)]
    written = [{(s, str(g.value(s, TH.asWritten))) for s in g.subjects(None, TH.CitationGroup)} for g in (seed, curated)]
    referring = [set(g.subject_objects(TH.refersToEntry)) for g in (seed, curated)]
    for found, known in (pointers, contents, written, referring):
        assert found == known
    assert len(pointers[0]) == 20


def test_the_defects_of_the_seed_page_are_those_of_the_inventory_and_no_others(seed: Graph):
    curated = Graph().parse(ROOT / "data/page/defects.ttl")
    known = {(str(curated.value(d, TH.kind)).rpartition("/")[2], int(curated.value(d, TH.line)),
              str(curated.value(d, OA.hasTarget)).removeprefix(f"{BASE}id/").replace("/s3p", "/"), str(number)[:3])
             for d, number in curated.subject_objects(DCTERMS.identifier)
             if str(number)[:3] in VISIBLE and curated.value(d, TH.asWritten)}
    found = {row[:3] for row in defects(seed)}
    assert found == {row[:3] for row in known}
    assert {row[3] for row in known} == set(VISIBLE)
    numbered = [d for d, number in curated.subject_objects(DCTERMS.identifier) if str(number)[:3] in VISIBLE]
    assert len(set(seed.subjects(OA.hasTarget))) == sum(1 for d in numbered if curated.value(d, TH.asWritten))


def test_corrections_agree_with_the_inventory(seed: Graph):
    curated = Graph().parse(ROOT / "data/page/defects.ttl")
    known = {(str(curated.value(d, TH.asWritten)), str(curated.value(d, TH.corrected))) for d in curated.subjects(TH.corrected)}
    found = {(str(seed.value(d, TH.asWritten)), str(seed.value(d, TH.corrected))) for d in seed.subjects(TH.corrected)}
    assert found - known == {("Whitebook,  Malmö:", "Whitebook, Malmö:")}
    assert ("Borras and Tsagidis, 2009", "Borrás and Tsagdis, 2008") in found


def test_the_order_of_the_seed_page_is_explained_and_no_fault(seed: Graph):
    found = [d for d in seed.subjects(OA.hasTarget) if str(seed.value(d, TH.kind)).endswith(("observation", "entry-order"))]
    assert [str(seed.value(d, TH.evidence)) for d in found] == [
        "Storper and Sölvell follow the Swedish order, where å, ä and ö come last in the alphabet."]


# --- texts with planted faults

@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_found_and_nothing_else(name: str, project: Project):
    graph = read(project, ROOT / "tests/texts" / f"{name}.txt")
    assert {(kind, written) for kind, _, _, written in defects(graph)} == PLANTED[name]
    assert tally(graph) == SIZES[name]


def test_defects_stand_at_their_lines(project: Project):
    text = ROOT / "tests/texts/lantern-tides.txt"
    lines = text.read_text(encoding="utf-8").splitlines()
    for kind, line, _, written in defects(read(project, text)):
        assert kind == "entry-order" or written in lines[line - 1], written


def test_a_citation_may_run_over_the_end_of_a_line(project: Project):
    graph = read(project, ROOT / "tests/texts/lantern-tides.txt")
    assert "Cavalcanti et al. (2007)" in {str(o) for o in graph.objects(None, TH.asWritten)}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_found_conforms_to_the_shapes(name: str, project: Project):
    import_file(project, Order("references", ROOT / "tests/texts" / f"{name}.txt"))
    assert [str(finding) for finding in check.check(Project(project.root))[1]] == []


def test_the_same_text_gives_the_same_bytes(project: Project):
    order = Order("references", ROOT / "tests/texts/moss-ledger.txt")
    assert import_file(project, order).target.read_bytes() == import_file(project, order).target.read_bytes()


# --- the parts

@pytest.mark.parametrize(("head", "surnames"), [
    ("Miller, A., von Berg, C. D. and Zu, E.", ["Miller", "von Berg", "Zu"]), ("Miller A, Berg CD", ["Miller", "Berg"]),
    ("Miller, Anna B., and Carl Berg.", ["Miller", "Berg"]), ("Miller, A.; Berg, C. (eds.)", ["Miller", "Berg"]),
    ("A. Miller & C. Berg", ["Miller", "Berg"]), ("World Bank", ["World Bank"]), ("Miller, A. et al.", ["Miller"]),
    ("Meier zu Berg, K., & Ó Súil, P.", ["Meier zu Berg", "Ó Súil"]), ("O’Dell H", ["O’Dell"]),
])
def test_authors_are_told_apart(head: str, surnames: list[str]):
    assert [author.surname for author in authors(head)] == surnames


@pytest.mark.parametrize("line", ["Miller (1990) argues that clusters grow.", "Clusters grow. 1990 was a good year for them.",
                                  "The conference of 2014", "(Miller, 1990)", "", "Miller, A., Some Title, London, 1990"])
def test_a_sentence_is_no_entry(line: str):
    assert entry(line) is None


@pytest.mark.parametrize(("words", "found"), [
    ("(Aa 2010, p. 4; Bb & Cc 2005)", ["Aa 2010", "Bb and Cc 2005"]), ("[see Aa, 1999a, b: 12-14]", ["Aa 1999a", "Aa 1999b"]),
    ("In Sweden, Aa and Bb (1984) say", ["Aa and Bb 1984"]), ("The work of A. Aa’s (n.d.) pupils", ["Aa n.d."]),
    ("(Aa et al., 2001, 77)", ["Aa et al. 2001"]), ("as Cc, Aa, and Bb (2003, pp. 3–4) say", ["Cc and Aa and Bb 2003"]),
    ("in Kiel (2014), (Kiel, 2014), (March 2014), (in 2014), (2014), the Lisbon Treaty (2009), (Fig. 2), (n = 1999)", []),
    ("According to De la Aa (1999)", ["De la Aa 1999"]), ("(Ministry of Aa, 1999)", ["Ministry of Aa 1999"]),
])
def test_citations_are_told_from_other_brackets(words: str, found: list[str]):
    assert [pointer.name for group in groups([Passage(words, 1)], ["Aa"]) for pointer in group.pointers] == found


@pytest.mark.parametrize(("written", "name", "kind"), [
    ("Ana Borras", "Borrás", "accent"), ("Von Berg", "von Berg", "capitalisation"), ("Soelvell", "Sölvell", "accent"),
    ("Meier Berg", "Meier-Berg", "hyphen"), ("Tsagidis", "Tsagdis", "spelling"), ("Berg", "Borg", None), ("Miller", "Miller", "")
])
def test_how_names_differ(written: str, name: str, kind: str | None):
    assert difference(written, name) == kind


def test_letters_after_years_are_made_whole():
    assert split_years("1998a, b; 2003, n.d.") == ["1998a", "1998b", "2003", "n.d."]


@pytest.mark.parametrize(("surnames", "kinds"), [
    ("Aa Berg Öst Zett", []), ("Aa Berg Zett Öst", ["observation"]), ("Aa Berg von_Cid Dahl", []), ("Aa Berg Cid von_Ast", []),
    ("Zett Aa Berg Cid Dahl", ["entry-order"]), ("Zett Yak Xu Aa Berg Cid", ["entry-order"])])
def test_order_is_judged_by_the_collation_that_explains_it(surnames: str, kinds: list[str]):
    names = enumerate(surnames.replace("_", "\u00a0").split(" "), 1)
    entries = [entry(f"{name}, A. ({2001 + n % 2}), A Title.".replace("\u00a0", " "), n, n) for n, name in names]
    assert [defect.kind for defect in misplaced(entries)] == kinds


# --- bad input

LIST = "".join(f"\n{name}, A. (2001), A Title." for name in ("Aa", "Bb", "Cc"))


@pytest.mark.parametrize(("content", "message"), [
    (b"", "the file is empty"), (b"\n \n", "the file holds blank lines only"),
    (b"A text (Miller, 2001).\n", "no bibliography found: there are no 3 neighbouring lines that begin with authors and a year, "
                                  "such as: Miller, A. (2001), A Title"),
    ("Caf\u00e9".encode("latin-1"), "1: not UTF-8 (byte 0xe9 at column 4): save the file in that encoding"),
    (b"x\n" + b"y" * 1_000_001, "2: the line has more than 1,000,000 bytes: no text has such lines"),
    (b"a\0b", "1: the line holds a null byte: this is no text file"),
])
def test_what_is_no_text_is_told_in_one_message(content: bytes, message: str, project: Project, tmp_path: Path):
    text = tmp_path / "a.txt"
    text.write_bytes(content)
    with pytest.raises(Faulty) as caught:
        import_file(project, Order("references", text))
    place = f"{text}:" if message[0].isdigit() else f"{text}: "
    assert str(caught.value) == place + message
    assert not (project.root / "data/sources/references.ttl").exists()


def test_a_hundred_megabytes_of_one_line_are_not_read(project: Project, tmp_path: Path):
    text = tmp_path / "a.txt"
    with text.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(Faulty, match="more than 1,000,000 bytes"):
        import_file(project, Order("references", text))


def test_a_paragraph_of_the_list_that_is_no_entry_is_refused(project: Project, tmp_path: Path):
    text = tmp_path / "a.txt"
    listed = LIST.replace("\nCc", "\n\nSee the archive.\n\nCc")
    text.write_text(f"As Aa (2001) says.\n\nReferences\n{listed}\n", encoding="utf-8")
    told: list[str] = []
    run = import_file(project, Order("references", text), report=lambda finding: told.append(str(finding))).run
    assert told == [f"{text}:8: column 1: 'See the archive.': does not begin with authors and a year"]
    assert (run.rows_in, run.rows_out, run.refusals.total()) == (5, 4, 1)


def test_brackets_without_end_take_no_time(tmp_path: Path):
    text = tmp_path / "a.txt"
    text.write_text("(Aa and " * 100_000 + "\n" + "Aa, " * 100_000 + "\n" + LIST, encoding="utf-8")
    assert len(read_text(text).entries) == 3
