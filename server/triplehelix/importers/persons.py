"""Natural persons among the names in a register: no importer takes them in.

Registers of beneficiaries name sole traders and single persons beside bodies, and do not say which is which. A name that
may be a person's is refused: a body left out by mistake can be added by hand, a person published by mistake cannot be
taken back.
"""

from __future__ import annotations

import re
import unicodedata

from triplehelix.importers.model import Refused

TRADER = "says that it is a sole trader, who is a natural person"
PERSON = "is possibly the name of a natural person: two or three words, none of them a legal form or a word for a body"
TURNED = "is possibly the name of a natural person: the short name has the same words in another order"

# How a register marks sole traders, by country (ISO 3166-1 alpha-2): the same letters mean other things elsewhere.
TRADERS = {
    "BG": re.compile(r"\b(?:ет|et)\b"),
    "HR": re.compile(r"\bobrt\b|\bopg\b|\bvl\.|\bvlasnik"),
    "HU": re.compile(r"\begyeni (?:vallalkozo|ceg)|\be\. ?v\."),
    "LT": re.compile(r"\b[a-z]\. ?[a-z]+ .*\b(?:firma|imone|ii)\b|\bindividuali "),
    "PL": re.compile(r"\bfirma\b|\b[fp]\.?h\.?u\b"),
    "RO": re.compile(r"\bpfa\b|\bp\.f\.a|\bi\.i\.|\bintreprindere individuala|\bpersoana fizica"),
    "SI": re.compile(r"\bs\. ?p\.(?!\w)|\bsp$"),
    "EE": re.compile(r"\bfie\b"),
    "SK": re.compile(r"\bszco\b"),
    "CZ": re.compile(r"\bosvc\b"),
}
COMPANY = re.compile(r"\bspolk|\bsp\. ?(?:z|j|k)\b|\bs\. ?(?:a|c)\b")
TITLE = re.compile(r"^(?:ing|mgr|mudr|mddr|mvdr|judr|rndr|phdr|bc|dr|mag|prof)\.? +")
# What bodies bear in their names and persons seldom do, without accents: whole words (legal forms among them), and
# beginnings of words. Beginnings that given names or surnames share are left out.
BODY_WORDS = """
    ab ad ag air allamkincstar as bank bio brno bt cargo ceske city club comuna council county cr csd cz dd doly dom doo
    ead eco factory fest for forum gmbh grad group grup hotel in inc izba jdoo judet judetul kft klub kool kovo kozseg
    kraj lab labs liit linn llc ltd mas mb mesto mestys miasto most mtu na nfp ngo no north oba obec oblast of ood ooz ops
    oras orasul os ou oz park plus port praha pri pro rra sa sia sk sola solar sp spol spz srl sro steel tallinna tartu
    tech town uab uat vald varos ves village vsi w wood z za zoo zrt zs zu ад бг био братя град груп дг дп еад еко еоод за
    и инвест на оод оу по стил строй су съвет тех транс трейд тур
"""
BODY_STEMS = """
    academ accel admin aero agen agric agro airport akad akci aktsias alapit alevik alumin ambul amet apart arengu arhiv
    asoci assoc augst auto bearing bendr bibl biedr biroj biskupij biskups bohem bolni brewer broker build bulgar business
    camp capital carit cement centar center centr ceske cesko chamber charit chem christ church cirkev clinic cluster
    collect colleg commerc commis commun compan comuna confed constr consult cooper corpor croat cultur czech darzel
    delnic depart design develop dezvolt diecez dienest digit direct divad djecj dopravn drustv druzstv economic educa
    egyes egyet egyhaz elamu electr elektr energ engin enterpr environ espac estoni europ evrop export fabrik facult
    fakult farma farnos federa fejleszt festival film financ foegy fond foundat fundac fundat fundus furnit galeri gaming
    geolog gimn glass global gmin gospodar govern graditelj graph grupa gumn gymn gyogyint haigl haridus hasics health
    heritag hivatal hospit hrvatsk hungar igazgat immo import incub indust inform infra iniciat inkub innov inovac inovat
    instal instit integr intez invalid invest inzen ipar iskol ispekc istraz izob izolator jihoce judet kamar kanal kancel
    karit katol kepz keres keskhaig keskus kiad klaster klastr klaszter klasztor klasztr klinic klinik klubas klubi knih
    knjiz koledz koleg koleje komerc komora komple komun konstr konzorc korhaz kormany korter kozp kredit kultur kunsti
    kutat kutse laborat latv leidykl lesn letis librar licej lietuv limarij limit linnav ljekar ljudsk loodus lopsel
    lovack lpsel lubelsk lubusk lyceum machin manag manastir manuf maritim market matica mechan media medic mestsk mestys
    mezog miejs mikroreg minist miniszt mittet mizarst mladez mladih mladinsk mlecz mlekar mljek mokykl monast montaz
    moravia moravsk mreza munici museum muuseum muusik muzej muzeum muziej nacion namai national nemoc nemzet network
    nonprof obchod obcin obrtn office okres omavalits onkorman opcin organiz orkest orszagos osauhing osavall osnovn ospit
    osrodek outdoor packag papern papir parafi paroh partner parvald pasvald penzion pharm pivovar plast podjetj pohikool
    pohony pohotov police polikl politech pomoc pomor poviat povodi powiat pravosl predsk predsz prefect premium press
    prijevoz primar print product produkc progimn program proizv projekt promet prostor przeds psihol publi puit putevi
    radio rahandus railw realit reform region rehab rendor renov repub research respub restaur romania rozvoj rzym
    samosprav samoupr sanator savez savivald school scienc sdruz secur sekretar service servis severo sihtas silesi skola
    skolsk skoly skupnost slepih slijep slimn slovaki slovan sloven smart social societ softw solution soojus sotsiaal
    spital spoldz spolec spolek spolk spoloc sport spory srednja stadion stanic statist stiint stolarij stowarz stredisk
    stredn stroj student studi subcarp supply surve svaz sveuc system szakk szakm szerel szkol szolg szovets szpital
    taiskasv talent tankerulet tarny tarsas tarsul teatr techn tehnic tehnik tehnolog telec telek telewiz teolog teplar
    teritor tervis textil theat therap timber tiskar tourism tovarn towarz trade training tramwaj transp trgov tudom
    tulundus turist turiz turyst ucilis udrug udruz ugost uhing uhisg ulikool umirov union uniun univers univerz uniwers
    uprav urad urbar urzad usluge ustanov ustav utazas uzdar valits vallal vallav valsts valstyb vandeny veeteed veleuc
    venture visok vlastn vodar vodoh vodovod voivod vrtci vrtec vrtic vymen vyrob vyzkum water wielk wodoc woiew wojew
    youth zadrug zagreb zaklad zaposl zavod zbornic zdravi zdravl zdravot zdravst zdrow zdruz zeleznic zemed zespol zivot
    zupanij zvaz zveza zwiaz авто агенц академ архитект асоци ауто банк бауформ болни българ вестн винар градин груп
    дизайн дирек дружество електр енерг завод здрав индуст инженер институт интер информ кабел клуб комер комис компан
    компют комстрой констр консулт коопера култур лабор логист мебел медиа медиц метал министер монолит музе народн национ
    общин онлайн партн пласт полиг предпр принт програм произв пътна радио развит регион реклам ресурс сдружение север
    систем служб софи софт спорт стройк студ съдеб текст телев телек терм техн туриз търгов универ управл училищ фабри
    фарм фирм фонд хотел храни център читал школ
"""
WORDS, STEMS = frozenset(BODY_WORDS.split()), tuple(BODY_STEMS.split())


def require_body(column: str, value: str, country: str) -> None:
    """Refuse a name that marks a sole trader of the country, or that may be a person's (ISO 3166-1 alpha-2 code)."""
    plain = folded(value)
    if country in TRADERS and TRADERS[country].search(plain) and not (country == "PL" and COMPANY.search(plain)):
        raise Refused(column, value, TRADER)
    bare = TITLE.sub("", plain)
    words = bare.split()
    if 2 <= len(words) <= 3 and all(re.fullmatch(r"[^\W\d_][^\W\d_'’.-]*(?:[-'’][^\W\d_]+)*\.?", word) for word in words) \
            and not any(map(of_a_body, words)):
        raise Refused(column, value, PERSON)


def require_unturned(column: str, value: str, short: str) -> None:
    """Refuse a name of two to four words that the short name has in another order, as in registers of persons."""
    words, others = (re.findall(r"[^\W\d_]+", _transcribed(folded(text))) for text in (value, short))
    if 2 <= len(words) <= 4 and words != others and sorted(words) == sorted(others) and not any(map(of_a_body, words)):
        raise Refused(column, value, TURNED)


def of_a_body(word: str) -> bool:
    """Whether a folded word is a legal form or a word that bodies bear in their names."""
    plain = word.replace(".", "")
    return plain in WORDS or plain.startswith(STEMS)


def folded(value: str) -> str:
    """Lower case, without accents, blanks single; scripts other than Latin stay."""
    plain = unicodedata.normalize("NFKD", value.casefold().replace("ł", "l").replace("đ", "d").replace("ß", "ss"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def _transcribed(value: str) -> str:
    """German umlauts are written ae, oe, ue in one of the names and left bare in the other."""
    return value.replace("ae", "a").replace("oe", "o").replace("ue", "u")
