"""What the people of the rehearsal think and write: the same for the same seed, in whatever order.

Every answer has a generator of its own, seeded by what it is about: people act at the same time, and the
result must not depend on who came first.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deliberate.questions.scales import RiskStatus, Scales
from deliberate.rehearsal import phrases
from deliberate.rehearsal.phrases import typeset

Pair = Mapping[str, str]
NSP_SHARE = 0.05  # of answers that say "I cannot judge"


@dataclass(frozen=True)
class Answer:
    """A rating from 1 to 9, or none with the reason why."""

    rating: int | None
    reason: str = ""


@dataclass(frozen=True)
class Matter:
    """A question as its participants know it."""

    code: str
    title: Pair
    hazard: Pair
    documents: tuple[int, ...] = ()


class Simulation:
    def __init__(self, seed: int, scales: Scales) -> None:
        self.seed, self.scales = seed, scales

    def rng(self, *about: object) -> random.Random:
        return random.Random("/".join(map(str, (self.seed, *about))))

    def rating(self, rater: str, statement: str, language: str, round_number: int = 1) -> Answer:
        """Most statements find agreement, some divide; in a second round people move towards the middle."""
        own = self.rng("rating", rater, statement)
        if own.random() < NSP_SHARE:
            return Answer(None, typeset(own.choice(phrases.CANNOT_JUDGE[language]), language))
        centre = self.centre(statement, own.random())
        value = own.gauss(centre, 1.3)
        if round_number > 1:
            value += 0.5 * (self.centre(statement, 0.5) - value)
        return Answer(min(9, max(1, round(value))))

    def centre(self, statement: str, side: float) -> float:
        """Where opinions on a statement gather; a divided one has two places, and `side` says which."""
        rng = self.rng("statement", statement)
        kind = rng.random()
        if kind < 0.15:  # two camps
            return 2.5 if side < 0.4 else 7.5
        low, high = (7.2, 8.6) if kind < 0.65 else (4.5, 6.5) if kind < 0.85 else (1.8, 3.2)
        return rng.uniform(low, high)

    def assessed(self, who: str, matter: Matter) -> dict[str, str]:
        """Status, severity, likelihood, certainty; who cannot say how often, says so."""
        shared = self.rng("risk", matter.code)
        severity, likelihood = shared.randrange(3), shared.randrange(4)
        status = shared.choice(list(RiskStatus))
        own = self.rng("risk", matter.code, who)
        if own.random() < 0.3:
            status = own.choice(list(RiskStatus))
        severities = [value for value, _ in self.scales.severities()][:-1]
        likelihoods = [value for value, _ in self.scales.likelihoods()]
        far = len(severities) - 1
        return {
            "status": str(status),
            "severity": severities[max(0, min(far, severity + own.choice((-1, 0, 0, 0, 1))))],
            "likelihood": likelihoods[-1] if own.random() < 0.4 else likelihoods[likelihood],
            "certainty": own.choice([code for code, _ in self.scales.certainties()][-3:]),
        }

    def opinion(self, who: str, matter: Matter, language: str, revised: bool = False) -> dict[str, Any]:
        """The fields of a reasoned opinion."""
        rng = self.rng("opinion", matter.code, who)
        given = self.assessed(who, matter)
        cautions = phrases.CAUTIONS[language]
        reasons = [
            *rng.sample(phrases.REASONS[language], k=rng.randint(2, 4)),
            rng.choice(cautions),
        ]
        if revised:
            reasons.append(rng.choice(phrases.REVISIONS[language]).format(caution=rng.choice(cautions)))
        cites = rng.sample(list(matter.documents), k=min(len(matter.documents), rng.randint(1, 2)))
        return {
            "position": self.written(phrases.POSITIONS[RiskStatus(given["status"])], matter, language, rng),
            "reasons": typeset("\n\n".join(reasons), language),
            "unknowns": typeset(rng.choice(phrases.UNKNOWNS[language]), language),
            "language": language,
            **given,
            "cites": [(item, typeset(rng.choice(phrases.PASSAGES), language)) for item in cites],
        }

    def comment(self, who: str, about: object, language: str) -> dict[str, str]:
        rng = self.rng("comment", about, who)
        stance = rng.choices(list(phrases.COMMENTS), weights=(5, 2, 2, 2))[0]
        text = rng.choice(phrases.COMMENTS[stance][language])
        return {"stance": stance, "text": typeset(text, language), "language": language}

    def conclusion(self, matter: Matter, language: str) -> dict[str, str]:
        """The group's answer, as its chair drafts it."""
        rng = self.rng("conclusion", matter.code)
        given = self.assessed("the group", matter)
        answer = self.written(phrases.CONCLUSIONS[RiskStatus(given["status"])], matter, language, rng)
        return {
            "answer": answer,
            "unknowns": typeset(rng.choice(phrases.UNKNOWNS[language]), language),
            "divergent": typeset(rng.choice(phrases.DIVERGENT[language]), language),
            "language": language,
            **given,
        }

    def choice(self, who: str, about: object, language: str, dissent: float = 0.1) -> tuple[str, str]:
        """A choice in a named vote and its explanation: mostly for."""
        rng = self.rng("choice", about, who)
        weights = (1 - 2 * dissent, dissent, dissent)
        choice = rng.choices(("for", "against", "abstain"), weights=weights)[0]
        return choice, typeset(rng.choice(phrases.VOTE_REASONS[choice][language]), language)

    def review_comment(self, who: str, section: str, language: str) -> dict[str, str]:
        rng = self.rng("review", section, who)
        kind = rng.choice(list(phrases.REVIEW_COMMENTS))
        text = rng.choice(phrases.REVIEW_COMMENTS[kind][language])
        return {"kind": kind, "text": typeset(text, language), "language": language}

    def review_answer(self, comment: object, language: str) -> dict[str, str]:
        rng = self.rng("answer", comment)
        outcome = rng.choice(list(phrases.REVIEW_ANSWERS))
        return {
            "outcome": outcome,
            "text": typeset(rng.choice(phrases.REVIEW_ANSWERS[outcome][language]), language),
        }

    def interests(self, who: str) -> list[tuple[str, str, str, bool]]:
        """(section, organisation, description, major): most have nothing to declare."""
        rng = self.rng("interests", who)
        return [rng.choice(phrases.INTERESTS)] if rng.random() < 0.3 else []

    def written(
        self, lines: Mapping[str, Sequence[str]], matter: Matter, language: str, rng: random.Random
    ) -> str:
        places = {"title": matter.title[language], "hazard": matter.hazard[language]}
        return typeset(rng.choice(lines[language]).format(**places), language)


def contribution(number: int, theme: str) -> dict[str, str]:
    """What the `number`th organisation writes."""
    title = phrases.CONTRIBUTION_TITLES[number % len(phrases.CONTRIBUTION_TITLES)]
    return {
        "title": typeset(title, "fr"),
        "text": typeset(phrases.CONTRIBUTION.format(theme=theme), "fr"),
        "language": "fr",
    }


def minutes(organisation: str, themes: Sequence[str]) -> str:
    text = phrases.MINUTES.format(organisation=organisation, themes=" ; ".join(themes) or "—")
    return typeset(text, "fr")
