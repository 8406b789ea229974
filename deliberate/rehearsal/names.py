"""Invented people for the rehearsal and the demonstration. Any likeness is chance."""

import random
import unicodedata
from dataclasses import dataclass

FIRST_NAMES = """
Claire Amina Julien Nadia Mathieu Sofia Étienne Fatou Hugo Camille Rachid Élodie Yann Inès Bastien
Awa Thomas Maëlle Karim Agnès Loïc Salomé Idriss Hélène Paul Noémie Malik Béatrice Tanguy Leïla
Gaspard Odile Samir Solène Viktor Aïssata Clément Marion Quang Lucie Anatole Jeanne Moussa Pauline
Rémi Yasmine Antoine Margaux
"""
LAST_NAMES = """
Delorme Benhaddou Rouvière Keïta Vasseur Nguyen Castellan Mbaye Ferrandi Lagarrigue Haddadi
Pélissier Kermadec Soubeyran Traoré Montagnac Okafor Brissaud Chauvet Zerrouki Lemarquand Duprat
Sansonetti Villard Toussaint Abitbol Garrigue Le-Goff Marchetti Diallo Roussillon Estève Bouchareb
Fontenoy Wagner Crozet Lahlou Péricard Vidalenc Sorel Bonnafous Hamidou Guérinel Astruc Leclair Pham
Morvan Tessier
"""


@dataclass(frozen=True)
class Invented:
    name: str
    email: str
    language: str


def invented_people(count: int, seed: int, also_english: bool = True) -> list[Invented]:
    """`count` different people, the same for the same seed; about one in five prefers English."""
    rng = random.Random(f"people/{seed}")
    firsts, lasts = FIRST_NAMES.split(), LAST_NAMES.split()
    rng.shuffle(firsts)
    rng.shuffle(lasts)
    people = []
    for number in range(count):
        # Two lists of different rhythm: no pair comes twice before all of them have come.
        lap, place = divmod(number, len(lasts))
        name = f"{firsts[(place + 7 * lap) % len(firsts)]} {lasts[place].replace('-', ' ')}"
        language = "en" if also_english and rng.random() < 0.2 else "fr"
        people.append(Invented(name, f"{address(name)}{f'.{lap}' if lap else ''}@example.org", language))
    return people


def address(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    return ".".join(plain.split())
