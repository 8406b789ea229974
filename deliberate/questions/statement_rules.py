"""The life of a statement: what is rated when, what settles it, and when its words may change. Pure.

METHODS.md section 10. A transition that is not listed here is refused.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from itertools import count, islice, product
from string import ascii_lowercase

from deliberate.errors import N_, Invalid, Refusal, Refused
from deliberate.questions.rules import Stage

LONGEST = 5_000
LONGEST_CODE = 40
MOST_PARTS = 10


class StatementState(StrEnum):
    DRAFT = "draft"  # written, not yet put to the panel
    OPEN = "open"  # being rated: its words stand
    TO_DISCUSS = "to_discuss"  # rated without consensus: discussed, perhaps reworded, rated again
    SETTLED_IN = "settled_in"
    SETTLED_OUT = "settled_out"
    CLOSED = "closed"  # rated for the last time without consensus: reported as it stands
    WITHDRAWN = "withdrawn"  # readable with its votes, never rated again


class How(StrEnum):
    """How a statement came from others."""

    SPLIT = "split"
    MERGE = "merge"
    PROPOSAL = "proposal"  # a panellist's variant: the one it came from stays


NEXT: Mapping[StatementState, frozenset[StatementState]] = {
    StatementState.DRAFT: frozenset({StatementState.OPEN, StatementState.WITHDRAWN}),
    StatementState.OPEN: frozenset(
        {
            StatementState.TO_DISCUSS,
            StatementState.SETTLED_IN,
            StatementState.SETTLED_OUT,
            StatementState.CLOSED,
        }
    ),
    StatementState.TO_DISCUSS: frozenset({StatementState.OPEN, StatementState.WITHDRAWN}),
    StatementState.SETTLED_IN: frozenset(),
    StatementState.SETTLED_OUT: frozenset(),
    StatementState.CLOSED: frozenset(),
    StatementState.WITHDRAWN: frozenset(),
}
SETTLED = frozenset({StatementState.SETTLED_IN, StatementState.SETTLED_OUT})
CHANGEABLE = frozenset({StatementState.DRAFT, StatementState.TO_DISCUSS})  # between rounds
STATE_WORDS = {
    StatementState.DRAFT: N_("to be rated"),
    StatementState.OPEN: N_("being rated"),
    StatementState.TO_DISCUSS: N_("to be discussed and rated again"),
    StatementState.SETTLED_IN: N_("settled in"),
    StatementState.SETTLED_OUT: N_("settled out"),
    StatementState.CLOSED: N_("closed without consensus"),
    StatementState.WITHDRAWN: N_("withdrawn"),
}
WHY_NOT = {
    StatementState.DRAFT: N_("The statement {code} has not been rated yet."),
    StatementState.OPEN: N_("The statement {code} is being rated: its words stand until the rating closes."),
    StatementState.TO_DISCUSS: N_("The statement {code} is to be discussed: the next rating settles it."),
    StatementState.SETTLED_IN: N_("The panel has settled the statement {code}: it stands as it is."),
    StatementState.SETTLED_OUT: N_("The panel has settled the statement {code}: it stands as it is."),
    StatementState.CLOSED: N_("The last rating of the statement {code} is closed: it stands as it is."),
    StatementState.WITHDRAWN: N_("The statement {code} is withdrawn. Work on those that came after it."),
}


def check_step(state: str, wanted: StatementState, code: str, *, re_rates_all: bool = False) -> None:
    """`re_rates_all`: the protocol puts settled statements to the panel in every round again.

    Raises:
        Refused: with the state that stands in the way.
    """
    now = StatementState(state)
    if re_rates_all and now in SETTLED and wanted is StatementState.OPEN:
        return
    if wanted not in NEXT[now]:
        raise Refused(WHY_NOT[now], code=code)


def check_repeats(state: str, code: str) -> None:
    """May its last rating be repeated, to correct it? What that rating settled does not stand in the way."""
    if StatementState(state) in (StatementState.DRAFT, StatementState.WITHDRAWN):
        raise Refused(WHY_NOT[StatementState(state)], code=code)


def check_changeable(state: str, code: str) -> None:
    """May the words of a statement change, or may others take its place?"""
    if StatementState(state) not in CHANGEABLE:
        raise Refused(WHY_NOT[StatementState(state)], code=code)


def check_between_rounds(stage: Stage) -> None:
    """`stage` of the question: once the conclusion is adopted its statements stand."""
    if stage in (Stage.OPINION_ADOPTED, Stage.LOCKED):
        raise Refused(
            "The statements stand: the group has adopted its conclusion. Reopen the question first."
        )


def check_texts(
    texts: Sequence[Mapping[str, str]], reason: str, before: Mapping[str, str] | None = None
) -> None:
    """New wordings, each in French and English, and why. `before`: the wording one of them replaces.

    Raises:
        Invalid: a sentence for every field: `text_fr` for one text, `text_fr_2` for the second of many.
    """
    problems: dict[str, Refusal] = {}
    for number, text in enumerate(texts, 1):
        for code in ("fr", "en"):
            if not 1 <= len(text.get(code, "")) <= LONGEST:
                name = f"text_{code}" if len(texts) == 1 else f"text_{code}_{number}"
                problems[name] = Invalid("Write the statement, in at most 5,000 characters.")
    if before is not None and not problems and dict(texts[0]) == dict(before):
        problems["text_fr"] = Invalid("This is the wording already in force.")
    if not 1 <= len(reason) <= LONGEST:
        problems["reason"] = Invalid("Give the reason, in at most 5,000 characters.")
    if problems:
        raise Invalid("The new wording is not complete. What you wrote is kept.", problems=problems)


def check_split(texts: Sequence[Mapping[str, str]]) -> None:
    if not 2 <= len(texts) <= MOST_PARTS:
        problem = Invalid("Write at least two statements, and at most ten.")
        name = f"text_fr_{min(len(texts) + 1, MOST_PARTS)}"
        raise Invalid("A statement is split into several.", problems={name: problem})


def check_merge(ids: Collection[int], questions: Collection[int]) -> None:
    """`questions`: those the statements belong to."""
    if len(ids) < 2 or len(set(questions)) != 1:
        problem = Invalid("Choose at least one other statement of the same question.")
        raise Invalid("Several statements are merged into one.", problems={"others": problem})


def check_code(code: str, taken: Collection[str]) -> None:
    problem: Refusal | None = None
    if not 1 <= len(code) <= LONGEST_CODE:
        problem = Invalid("Give it a short code, such as I-1.4.")
    elif code in taken:
        problem = Invalid("Another statement of this question has the code {code}.", code=code)
    if problem:
        raise Invalid(
            "The new statement is not complete. What you wrote is kept.", problems={"code": problem}
        )


def codes_after(code: str, taken: Collection[str], wanted: int) -> list[str]:
    """Free codes for what comes after a statement: I-1.2a, I-1.2b, …"""
    endings = ("".join(letters) for length in count(1) for letters in product(ascii_lowercase, repeat=length))
    names = (code[: LONGEST_CODE - len(ending)] + ending for ending in endings)
    return list(islice((name for name in names if name not in taken), wanted))
