"""What changed from one version to the next: which sections, and in which words. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from lxml import html
from markupsafe import Markup

from deliberate.web.diff import deleted, inserted, word_diff

SILENT = frozenset({"stage"})  # a question that was locked for the committee has not changed by it
# One line of text each; what lies deeper is part of the line.
LINES = "//h2|//h3|//h4|//h5|//p|//li[not(p)]|//tr|//dt|//dd|//figcaption|//summary|//pre"
SPACES = re.compile(r"\s+")

Content = Mapping[str, Any]


def changed_sections(before: Content, after: Content) -> list[str]:
    """The keys of the sections of `after` that are new or say something else than in `before`."""
    old = {section["key"]: part_of(before, section["key"]) for section in before["sections"]}
    return [
        section["key"]
        for section in after["sections"]
        if section["key"] not in old or old[section["key"]] != part_of(after, section["key"])
    ]


def part_of(content: Content, key: str) -> Any:
    """What one section shows."""
    if key.startswith("question-"):
        return loud(next(each for each in content["questions"] if each["key"] == key))
    if key == "conclusions":
        return [(each["code"], each["title"], loud(each["conclusion"])) for each in content["questions"]]
    if key == "aim":
        return content["assessment"]
    return None if key == "traceability" else loud(content[key])


def loud(value: Any) -> Any:
    """Without what changes in silence."""
    if isinstance(value, Mapping):
        return {name: loud(inner) for name, inner in value.items() if name not in SILENT}
    return [loud(inner) for inner in value] if isinstance(value, list) else value


def text_lines(section: str) -> list[str]:
    """What is read in a rendered section, line by line: drawings left out, their words and tables kept."""
    tree = html.fragment_fromstring(section, create_parent="div")
    for drawing in tree.xpath("//svg"):
        drawing.drop_tree()
    outermost = tree.xpath(LINES)
    inside = {id(inner) for line in outermost for inner in line.iterdescendants()}
    lines = (" ".join(line.itertext()) for line in outermost if id(line) not in inside)
    return [text for line in lines if (text := SPACES.sub(" ", line).strip())]


def line_differences(before: Sequence[str], after: Sequence[str]) -> Iterator[Markup]:
    """The lines that differ, with their words; lines that stayed are left out."""
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        paired = min(b - a, d - c)
        for old, new in zip(before[a : a + paired], after[c : c + paired], strict=True):
            yield word_diff(old, new)
        yield from (deleted(line) for line in before[a + paired : b])
        yield from (inserted(line) for line in after[c + paired : d])
