"""What changed between two texts, word by word, as <ins> and <del> that a screen reader names.

Lines first, then the words of the lines that differ (Myers 1986). Both searches give up after so many edits
and show the whole as replaced: nobody reads such a difference, and no text may hold up the server.
"""

from collections.abc import Iterator, Sequence
from re import findall

from markupsafe import Markup, escape

MOST_EDITS = 250

Hunk = tuple[
    Sequence[str], Sequence[str]
]  # what was there and what is there now; alike where nothing changed


def word_diff(old: str, new: str) -> Markup:
    """Both texts in one: unchanged words plain, words gone in <del>, new ones in <ins>."""
    out = []
    for before, after in hunks(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if before == after:
            out.append(escape("".join(before)))
        else:
            out += [marked(*hunk) for hunk in hunks(words("".join(before)), words("".join(after)))]
    return Markup("").join(out)


def words(text: str) -> list[str]:
    return findall(r"\s+|\w+|[^\w\s]", text)


def marked(before: Sequence[str], after: Sequence[str]) -> Markup:
    if before == after:
        return escape("".join(before))
    return deleted("".join(before)) + inserted("".join(after))


def deleted(text: str) -> Markup:
    return Markup("<del>{}</del>").format(text) if text else Markup("")


def inserted(text: str) -> Markup:
    return Markup("<ins>{}</ins>").format(text) if text else Markup("")


def hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[Hunk]:
    """Pieces of both, in order, alternately equal and changed."""
    at_old = at_new = 0
    for begins_old, begins_new, length in [*matches(old, new), (len(old), len(new), 0)]:
        if begins_old > at_old or begins_new > at_new:
            yield old[at_old:begins_old], new[at_new:begins_new]
        at_old, at_new = begins_old + length, begins_new + length
        if length:
            yield old[begins_old:at_old], new[begins_new:at_new]


def matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """Equal runs as (start in old, start in new, length), in order; only the ends when too much differs."""
    head = shared_start(old, new)
    tail = shared_start(old[head:][::-1], new[head:][::-1])
    inner = snakes(old[head : len(old) - tail], new[head : len(new) - tail])
    found = [(head + x, head + y, length) for x, y, length in inner]
    ends = (len(old) - tail, len(new) - tail, tail)
    return [run for run in [(0, 0, head), *found, ends] if run[2]]


def shared_start(old: Sequence[str], new: Sequence[str]) -> int:
    length = 0
    for left, right in zip(old, new, strict=False):
        if left != right:
            break
        length += 1
    return length


def snakes(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """The diagonals of the shortest edit path, by Myers' greedy search; none beyond MOST_EDITS."""
    reach = {1: 0}  # how far in `old` each diagonal got
    paths: dict[int, tuple[object, ...]] = {1: ()}  # (run, path before), newest first
    for edits in range(min(MOST_EDITS, len(old) + len(new)) + 1):
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
            came = diagonal + 1 if down else diagonal - 1
            start = x = reach[came] if down else reach[came] + 1
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            reach[diagonal] = x
            run = (start, start - diagonal, x - start)
            paths[diagonal] = (run, paths[came]) if run[2] else paths[came]
            if x >= len(old) and y >= len(new):
                return unrolled(paths[diagonal])
    return []


def unrolled(path: tuple[object, ...]) -> list[tuple[int, int, int]]:
    runs = []
    while path:
        run, path = path  # type: ignore[assignment]
        runs.append(run)
    return runs[::-1]  # type: ignore[return-value]
