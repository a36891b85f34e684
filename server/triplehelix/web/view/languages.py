"""Names of languages: in English, and each in itself."""

from __future__ import annotations

from types import MappingProxyType

# Tag (BCP 47) to (English name, own name).
NAMES = MappingProxyType({
    "ar": ("Arabic", "العربية"), "bg": ("Bulgarian", "български"), "bs": ("Bosnian", "bosanski"), "ca": ("Catalan", "català"),
    "cs": ("Czech", "čeština"), "cy": ("Welsh", "Cymraeg"), "da": ("Danish", "dansk"), "de": ("German", "Deutsch"),
    "el": ("Greek", "ελληνικά"), "en": ("English", "English"), "es": ("Spanish", "español"), "et": ("Estonian", "eesti"),
    "eu": ("Basque", "euskara"), "fa": ("Persian", "فارسی"), "fi": ("Finnish", "suomi"), "fr": ("French", "français"),
    "fy": ("West Frisian", "Frysk"), "ga": ("Irish", "Gaeilge"), "gd": ("Scottish Gaelic", "Gàidhlig"),
    "gl": ("Galician", "galego"), "he": ("Hebrew", "עברית"), "hr": ("Croatian", "hrvatski"), "hu": ("Hungarian", "magyar"),
    "is": ("Icelandic", "íslenska"), "it": ("Italian", "italiano"), "ja": ("Japanese", "日本語"), "ko": ("Korean", "한국어"),
    "lb": ("Luxembourgish", "Lëtzebuergesch"), "lt": ("Lithuanian", "lietuvių"), "lv": ("Latvian", "latviešu"),
    "mk": ("Macedonian", "македонски"), "mt": ("Maltese", "Malti"), "nb": ("Norwegian Bokmål", "norsk bokmål"),
    "nl": ("Dutch", "Nederlands"), "nn": ("Norwegian Nynorsk", "norsk nynorsk"), "no": ("Norwegian", "norsk"),
    "oc": ("Occitan", "occitan"), "pl": ("Polish", "polski"), "pt": ("Portuguese", "português"), "rm": ("Romansh", "rumantsch"),
    "ro": ("Romanian", "română"), "ru": ("Russian", "русский"), "se": ("Northern Sami", "davvisámegiella"),
    "sk": ("Slovak", "slovenčina"), "sl": ("Slovenian", "slovenščina"), "sq": ("Albanian", "shqip"), "sr": ("Serbian", "српски"),
    "sv": ("Swedish", "svenska"), "tr": ("Turkish", "Türkçe"), "uk": ("Ukrainian", "українська"), "zh": ("Chinese", "中文")})


def in_english(tag: str) -> str:
    """The English name of a language; its tag where that says more, or is not known."""
    return NAMES[tag][0] if tag in NAMES else tag


def in_itself(tag: str) -> str:
    """The name of a language in itself, else its tag."""
    return NAMES[tag][1] if tag in NAMES else tag
