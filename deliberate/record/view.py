"""What the section templates are given beside the content: charts, and the codes of the protocol in words."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from deliberate.assessments.models import Pair
from deliberate.consensus.accord import Filled
from deliberate.errors import N_
from deliberate.evidence.rules import KIND_WORDS as EVIDENCE_WORDS
from deliberate.evidence.rules import LEVEL_WORDS
from deliberate.hearings.rules import STATE_WORDS as HEARING_WORDS
from deliberate.interests.rules import SECTION_WORDS, Outcome
from deliberate.meetings.rules import KIND_WORDS as MEETING_WORDS
from deliberate.questions.rules import STAGE_WORDS
from deliberate.questions.scales import Scales
from deliberate.web import charts
from deliberate.web.diff import word_diff
from deliberate.web.i18n import _, t


class View:
    """One content in the language of the moment. Numbers come ready, templates only choose."""

    def __init__(self, content: Mapping[str, Any], link: Callable[[str], str]) -> None:
        self.content = content
        self.link = link  # where a section of this document stands, by its key
        self.protocol = content["method"]["protocol"]
        risk = self.protocol["risk"]
        self.scales = Scales(
            risk["severity_scale"], risk["likelihood_scale"], tuple(self.protocol["certainty"]["scale"])
        )
        self.votes = {vote["id"]: vote for vote in content["votes"]}
        self.questions = {each["key"]: each for each in content["questions"]}
        self.documents = {item["code"]: item for item in content["evidence"]}
        self.groups = {group["code"]: group["name"] for group in content["groups"]}
        self.kinds = {kind["code"]: kind["name"] for kind in content["kinds"]}
        self.themes = {theme["code"]: theme["title"] for theme in content["themes"]}

    def words(self, kind: str, value: str) -> str:
        """Of "status", "severity", "likelihood", "certainty"."""
        return _(self.scales.word(kind, value))

    def named(self, kind: str, code: str) -> str:
        """Of a code that a rule gave a word to."""
        return _(WORDS[kind].get(code, code)) if code else ""

    def name_of(self, kind: str, code: str | None) -> str:
        """Of a group, a kind of risk or a theme, in the words of the assessment; its code if it is gone."""
        pairs = {"group": self.groups, "kind": self.kinds, "theme": self.themes}[kind]
        return t(pairs[code]) if code in pairs else code or ""

    def chart(self, statement: Mapping[str, Any]) -> charts.Distribution | charts.Rounds | None:
        """The rounds of a statement on one axis, or its only distribution; None where none is shown."""
        shown = [one for one in statement["rounds"] if one["figures"]]
        if not shown:
            return None
        key = f"d-{statement['rounds'][0]['vote']}"
        if len(shown) == 1:
            figures = shown[0]["figures"]
            return charts.distribution(
                figures["frequencies"],
                **quartiles(figures),
                cannot_judge=shown[0]["nsp"],
                missing=shown[0]["missing"],
                key=key,
                rule=self.protocol["percentile_rule"],
            )
        drawn = [
            charts.RoundRatings(
                _("Round {number}").format(number=one["round"]),
                one["figures"]["frequencies"],
                **quartiles(one["figures"]),
                rule=self.protocol["percentile_rule"],
            )
            for one in shown
        ]
        return charts.rounds(drawn, key=key)

    def risk_map(self) -> charts.RiskMap | None:
        """None without a matrix in the protocol, or before any conclusion."""
        matrix = self.protocol["risk"]["matrix"]
        concluded = [each for each in self.content["questions"] if each["conclusion"]]
        if not matrix or not concluded:
            return None
        bubbles = [
            charts.Bubble(
                each["code"],
                t(each["title"]),
                rank(each["conclusion"]["severity"]),
                rank(each["conclusion"]["likelihood"]),
                each["conclusion"]["certainty"],
                self.link(each["key"]),
            )
            for each in concluded
        ]
        severities, likelihoods = self.scales.severities()[:-1], self.scales.likelihoods()[:-1]
        return charts.risk_map(
            bubbles,
            matrix=matrix,
            severities=[_(word) for _value, word in severities],
            likelihoods=[_(word) for _value, word in likelihoods],
        )

    def reworded(self, before: Pair, after: Pair) -> Markup:
        """The words that changed from one wording to the next, in the language of the moment."""
        return word_diff(t(before), t(after))

    def imported_files(self) -> list[Mapping[str, Any]]:
        """The files whose ratings stand in the record, each once. Older records know of none."""
        found = [vote.get("imported") for vote in self.content["votes"]]
        return list({origin["sha256"]: origin for origin in found if origin}.values())

    def parameters(self) -> list[dict[str, Any]]:
        """Every parameter with its dotted key, and the guide that has still to confirm its default."""
        confirm_with = {each["key"]: each["confirm_with"] for each in self.content["method"]["to_confirm"]}
        return [
            {"key": key, "value": value, "confirm_with": confirm_with.get(key)}
            for key, value in dotted(self.protocol, confirm_with)
        ]

    def filled(self, how: str) -> str:
        """How an item of the reporting checklist came to its text."""
        return _(FILLED_WORDS[how])

    def at(self, stamp: str | None) -> datetime | None:
        """A stored moment, for the filters of the templates."""
        return datetime.fromisoformat(stamp) if stamp else None


FILLED_WORDS = {
    Filled.FROM_FACTS: N_("from the facts"),
    Filled.COMPLETED: N_("from the facts, completed"),
    Filled.WRITTEN: N_("written"),
    Filled.NOT_APPLICABLE: N_("not applicable"),
    Filled.MISSING: N_("not filled"),
}
DECISION_WORDS = {
    Outcome.OTHER_LINK: N_("link weighed and accepted"),
    Outcome.HEARD_ONLY: N_("heard only"),
    Outcome.RECUSED_ITEM: N_("recused from the question"),
    Outcome.EXCLUDED_GROUP: N_("excluded from the work of the group"),
    Outcome.DEROGATION: N_("derogation: reads and speaks, neither rates nor votes"),
}
WORDS: Mapping[str, Mapping[Any, str]] = {
    "evidence": EVIDENCE_WORDS,
    "level": LEVEL_WORDS,
    "hearing": HEARING_WORDS,
    "meeting": MEETING_WORDS,
    "outcome": DECISION_WORDS,
    "category": SECTION_WORDS,
    "stage": STAGE_WORDS,
}


def dotted(nested: Mapping[str, Any], whole: Collection[str], above: str = "") -> Iterator[tuple[str, Any]]:
    """Keys such as "ram.panel"; a table that is itself one parameter stays whole."""
    for name, value in nested.items():
        key = f"{above}{name}"
        if isinstance(value, Mapping) and key not in whole:
            yield from dotted(value, whole, f"{key}.")
        else:
            yield key, value


def quartiles(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in ("median", "q1", "q3")}


def rank(value: str) -> int | str:
    return int(value) if value.isdecimal() else value
