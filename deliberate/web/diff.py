"""What changed between two texts, word by word, as <ins> and <del> that a screen reader names."""

from difflib import SequenceMatcher
from re import findall

from markupsafe import Markup, escape

LONGEST = 20_000  # characters; beyond, two texts are shown as replaced


def word_diff(old: str, new: str) -> Markup:
    """Both texts in one: unchanged words plain, words gone in <del>, new ones in <ins>."""
    before, after = findall(r"\s+|\w+|[^\w\s]", old), findall(r"\s+|\w+|[^\w\s]", new)
    if len(old) + len(new) > 2 * LONGEST:
        return deleted(old) + inserted(new)
    out = Markup("")
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            out += escape("".join(before[a:b]))
        else:
            out += deleted("".join(before[a:b])) + inserted("".join(after[c:d]))
    return out


def deleted(text: str) -> Markup:
    return Markup("<del>{}</del>").format(text) if text else Markup("")


def inserted(text: str) -> Markup:
    return Markup("<ins>{}</ins>").format(text) if text else Markup("")
