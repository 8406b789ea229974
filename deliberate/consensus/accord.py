"""ACCORD: the 35 items that the report of a consensus exercise states, and when they are all there.

METHODS.md section 9 (Gattrell 2024, wording condensed, to confirm against the published checklist). An item
is filled from stored facts, in writing, or set aside with a reason; anything else is a gap.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Filled(StrEnum):
    """How an item came to its text."""

    FROM_FACTS = "from_facts"
    COMPLETED = "from_facts_and_written"
    WRITTEN = "written"
    NOT_APPLICABLE = "not_applicable"  # with the reason as its text
    MISSING = "missing"


class Export(StrEnum):
    """Of a record: whether its report says all that ACCORD asks for."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Item:
    id: str
    fr: str
    en: str

    @property
    def states(self) -> dict[str, str]:
        """What it must state, in both languages."""
        return {"fr": self.fr, "en": self.en}


ITEMS: Final = (
    Item("T1", "Titre : exercice de consensus, et sa méthode", "Title: consensus exercise and its method"),
    Item(
        "I1",
        "Pourquoi un consensus plutôt qu’une autre démarche",
        "Why consensus rather than another approach",
    ),
    Item("I2", "Objet, public visé, portée géographique", "Aim, audience, geographic scope"),
    Item(
        "I3", "S’il s’agit d’une mise à jour : pourquoi, et l’original", "If an update: why, and the original"
    ),
    Item(
        "M1",
        "Enregistrement du protocole (lieu, lien), ou son absence",
        "Registration (place, link) or its absence",
    ),
    Item(
        "M2",
        "Rôles et expertise de ceux qui dirigent",
        "Roles and expertise of those who direct the exercise",
    ),
    Item(
        "M3",
        "Critères d’inclusion, raison de la taille du panel, qui a choisi",
        "Inclusion criteria, reason for the size of the panel, who selected it",
    ),
    Item("M4", "Recrutement et invitation", "Recruitment and invitation"),
    Item(
        "M5",
        "Part prise par les patients, le public, les aidants",
        "Part played by patients, the public, carers",
    ),
    Item(
        "M6",
        "Comment l’information a été réunie avant les énoncés",
        "How information was gathered before the items",
    ),
    Item("M7", "Recherche systématique, en détail", "Systematic search, in detail"),
    Item(
        "M8",
        "Comment les données ont été résumées et remises",
        "How the evidence was summarised and given to the panel",
    ),
    Item("M9", "Méthodes et étapes du recueil et du consensus", "Methods and steps of input and consensus"),
    Item(
        "M10",
        "Formulation et réponses possibles ; explications ; énoncés nouveaux",
        "Wording and options; explanations; new items",
    ),
    Item("M11", "Objectif de chaque étape", "Objective of each step"),
    Item("M12", "Définition du consensus et sa raison", "Definition of consensus and its reason"),
    Item(
        "M13",
        "Si les énoncés en consensus ont été votés de nouveau",
        "Whether items in consensus were voted again",
    ),
    Item(
        "M14",
        "Comment les réponses ont été recueillies, seul ou en groupe",
        "How answers were collected, alone or in a group",
    ),
    Item(
        "M15",
        "Comment les réponses ont été traitées et synthétisées",
        "How answers were processed and synthesised",
    ),
    Item("M16", "Essai préalable des documents et des outils", "Piloting of material and tools"),
    Item(
        "M17", "Retour fait aux membres du panel après chaque étape", "Feedback to panellists after each step"
    ),
    Item(
        "M18",
        "Anonymat : s’il était prévu, où, pour qui, comment il est tenu",
        "Anonymity: planned, where, for whom, how kept",
    ),
    Item(
        "M19",
        "Si le groupe de pilotage a pris part aux décisions du panel",
        "Whether the steering group took part in panel decisions",
    ),
    Item("M20", "Rétribution et autres incitations", "Incentives"),
    Item("M21", "Aménagements pour l’accessibilité", "Accessibility adaptations"),
    Item("R1", "Dates et durée de chaque étape, retards", "Dates and length of each step, delays"),
    Item("R2", "Écarts au protocole et leurs raisons", "Deviations from the protocol and why"),
    Item(
        "R3",
        "Par étape : effectifs, taux de réponse, profil",
        "Per step: numbers, response rate, profile",
    ),
    Item("R4", "Résultat final, qualitatif et quantitatif", "Final outcome, qualitative and quantitative"),
    Item(
        "R5",
        "Énoncés modifiés ou retirés : quand, pourquoi",
        "Items changed or removed, when, why",
    ),
    Item("D1", "Forces et limites", "Strengths and limits"),
    Item("D2", "Accord avec la littérature antérieure", "Consistency with earlier literature"),
    Item("O1", "Organismes qui soutiennent le texte et leur rôle", "Endorsing bodies and their role"),
    Item(
        "O2",
        "Intérêts de ceux qui dirigent et des membres du panel, et leur gestion",
        "Interests of directors and panellists, and their management",
    ),
    Item("O3", "Financement et rôle du financeur", "Funding and role of the funder"),
)
IDS: Final = tuple(item.id for item in ITEMS)


def gaps(told: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids, in the order of the list, of the items that `told` leaves out or gives no text.

    `told` holds {"id", "filled", "text": {"fr", "en"} or None} for each item; unknown ids count for nothing.
    """
    held = {each["id"] for each in told if is_filled(each)}
    return [ident for ident in IDS if ident not in held]


def is_filled(told: Mapping[str, Any]) -> bool:
    text = told["text"]
    return told["filled"] != Filled.MISSING and bool(text) and all(text.get(code) for code in ("fr", "en"))


def export(told: Iterable[Mapping[str, Any]]) -> Export:
    return Export.INCOMPLETE if gaps(told) else Export.COMPLETE
