"""The words that say little in names of bodies, in the languages of the sources; all folded as `names.folded` folds.

Languages that are missing here cost a little agreement, never a wrong match: rare words weigh more than these.
"""

from __future__ import annotations

import re

# Forms of bodies in law, and the words for association, foundation and institute that stand for one.
FORMS = (
    "aisbl", "asbl", "vzw", "ivzw", "bv", "bvba", "nv", "stichting", "vereniging", "sprl",
    "association", "asociacion", "associacio", "associacao", "associacion", "associazione", "asociatia", "asociacija", "asociace",
    "fundacion", "fundacio", "fundacao", "fondazione", "fondation", "foundation", "fundatia", "fundacja", "nadace", "fondatsiya",
    "agrupacion", "agrupacion de interes economico", "aie", "sociedad anonima", "sociedad limitada", "sociedad cooperativa",
    "sa", "sau", "sl", "slu", "s coop", "scoop", "scl", "lda", "sas", "sarl", "eurl", "gie", "gip", "loi 1901",
    "scarl", "scrl", "srl", "spa", "societa consortile a responsabilita limitata", "societa consortile",
    "ev", "eingetragener verein", "verein", "gmbh", "ggmbh", "mbh", "ag", "kg", "ug", "stiftung",
    "zs", "os", "zapsany spolek", "spolek", "obcanske sdruzeni", "sdruzeni", "zspo", "druzstvo",
    "zajmove sdruzeni pravnickych osob", "sro", "spol sro", "spolecnost s rucenim omezenym", "akciova spolecnost", "as", "sp",
    "statni podnik", "ops", "vvi", "zu",
    "obecne prospesna spolecnost", "verejna vyzkumna instituce", "prispevkova organizace", "zdruzenie", "neziskova organizacia",
    "doo", "jdoo", "dd", "drustvo s ogranicenom odgovornoscu", "udruga", "udruzenje", "poslovno udruzenje", "giz", "zavod",
    "gospodarsko interesno zdruzenje", "javni zavod",
    "sp zoo", "spolka z ograniczona odpowiedzialnoscia", "spolka akcyjna", "stowarzyszenie",
    "kft", "zrt", "nyrt", "bt", "egyesulet", "korlatolt felelossegu tarsasag", "reszvenytarsasag", "nonprofit", "kozhasznu",
    "sdruzhenie", "eood", "ood", "ead", "ad", "druzhestvo s ogranichena otgovornost",
    "ou", "mtu", "mittetulundusuhing", "sihtasutus", "aktsiaselts", "sia", "biedriba", "nodibinajums",
    "sabiedriba ar ierobezotu atbildibu", "uab", "vsi", "viesoji istaiga", "public institution",
    "oy", "oyj", "ab", "asa", "aps", "forening", "foreningen", "stiftelsen", "ike", "monoprosopi ike", "epe",
    "ltd", "limited", "plc", "lbg", "llc", "llp", "inc", "incorporated", "corp", "the",
)
FORM = re.compile(r"\b(?:" + "|".join(sorted(FORMS, key=len, reverse=True)) + r")\b")

# What bodies of the domain call themselves in their languages is one word, so that its frequency weighs it down everywhere.
CLUSTER = re.compile(r"(?:clust|klust|klast|klaszt)[a-z]*|grozda?|poles?|distrett[oi]")

# A name with one of these is that of a part, where the other name has none.
PART = re.compile(r"facult|fakult|facolta|departament|department|katedra|chair|odsek|oddelek|tiedekunta|teaduskond|wydzial")

# What places are called beside their names.
PLACE = frozenset((
    "apskritis", "capital", "cedex", "city", "county", "district", "grad", "judetul", "kraj", "maakond", "megye", "oblast",
    "okres", "prefecture", "province", "region", "regional", "stolitsa", "voivodeship", "zupanija",
))
