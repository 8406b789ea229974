"""The sections of a record, in order. Their keys are what comments are made on: they stay once used."""

from collections.abc import Mapping
from typing import Any

Pair = Mapping[str, str]

OPENING: tuple[tuple[str, Pair], ...] = (
    ("aim", {"fr": "Objet de l’évaluation", "en": "What was asked"}),
    ("conclusions", {"fr": "Conclusions et carte des risques", "en": "Conclusions and risk map"}),
)
# The headings of METHODS 1.6: interests, literature, all viewpoints heard, transparent method, traceability.
CLOSING: tuple[tuple[str, Pair], ...] = (
    ("unknowns", {"fr": "Ce qui reste inconnu", "en": "What remains unknown"}),
    ("hearings", {"fr": "Points de vue entendus", "en": "Viewpoints heard"}),
    ("evidence", {"fr": "Littérature et données", "en": "Literature and data"}),
    ("participants", {"fr": "Participants", "en": "Participants"}),
    ("interests", {"fr": "Gestion des intérêts", "en": "Management of interests"}),
    ("method", {"fr": "Méthode", "en": "Method"}),
    ("annex", {"fr": "Annexe de sensibilité", "en": "Sensitivity annex"}),
    ("votes", {"fr": "Votes", "en": "Votes"}),
    ("meetings", {"fr": "Réunions", "en": "Meetings"}),
    ("reporting", {"fr": "Liste de contrôle ACCORD", "en": "ACCORD reporting checklist"}),
    ("traceability", {"fr": "Traçabilité", "en": "Traceability"}),
)


def sections(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """[{"key", "title"}]: what leads in, each question, what supports it."""
    asked = [(each["key"], title_of(each)) for each in questions]
    return [{"key": key, "title": dict(title)} for key, title in (*OPENING, *asked, *CLOSING)]


def title_of(question: Mapping[str, Any]) -> Pair:
    return {language: f"{question['code']} · {title}" for language, title in question["title"].items()}
