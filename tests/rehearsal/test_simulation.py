"""The simulated people: the same for the same seed, and people one could meet."""

from pathlib import Path

import pytest

from deliberate.assessments.file import read_assessment
from deliberate.questions.scales import Scales
from deliberate.questions.texts import Assessed, ConclusionText, OpinionText, check_conclusion, check_opinion
from deliberate.rehearsal.names import invented_people
from deliberate.rehearsal.plan import Unexpected
from deliberate.rehearsal.ratings import read_file
from deliberate.rehearsal.simulation import Matter, Simulation
from deliberate.settings import data_path

TITLE = {"fr": "Infections à bactéries courantes", "en": "Infection with typical bacteria"}
MATTER = Matter("I-1", TITLE, TITLE, documents=(3, 4, 5))
STATEMENTS = [f"S-{number}" for number in range(60)]
RATERS = [f"rater-{number}" for number in range(12)]


def simulation(seed: int = 7) -> Simulation:
    return Simulation(seed, Scales())


def all_ratings(found: Simulation, order: int = 1) -> dict[tuple[str, str], object]:
    return {
        (rater, statement): found.rating(rater, statement, "fr")
        for rater in RATERS[::order]
        for statement in STATEMENTS[::order]
    }


def test_the_same_seed_gives_the_same_answers_in_whatever_order_they_are_asked() -> None:
    assert all_ratings(simulation()) == all_ratings(simulation(), order=-1)
    assert simulation().opinion("a", MATTER, "fr") == simulation().opinion("a", MATTER, "fr")


def test_another_seed_gives_other_answers() -> None:
    assert all_ratings(simulation(7)) != all_ratings(simulation(8))
    assert invented_people(20, 7) != invented_people(20, 8)


def test_ratings_are_on_the_scale_and_whoever_cannot_judge_says_why() -> None:
    answers = list(all_ratings(simulation()).values())
    silent = [answer for answer in answers if answer.rating is None]  # type: ignore[attr-defined]
    assert 0 < len(silent) < len(answers) / 5
    assert all(answer.reason for answer in silent)  # type: ignore[attr-defined]
    given = {answer.rating for answer in answers} - {None}  # type: ignore[attr-defined]
    assert given == set(range(1, 10))


def test_in_a_second_round_people_come_closer() -> None:
    found = simulation()

    def spread(round_number: int) -> float:
        total = 0.0
        for statement in STATEMENTS:
            answers = [found.rating(rater, statement, "fr", round_number).rating for rater in RATERS]
            valid = [answer for answer in answers if answer is not None]
            total += max(valid) - min(valid)
        return total

    assert spread(2) < 0.8 * spread(1)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_opinions_and_conclusions_are_ones_the_rules_accept(language: str) -> None:
    found = simulation()
    for number in range(40):
        written = found.opinion(f"expert {number}", MATTER, language, revised=number % 2 == 1)
        assessed = Assessed(**{name: written[name] for name in Assessed.__dataclass_fields__})
        text = OpinionText(
            written["position"], written["reasons"], assessed, language, tuple(written["cites"])
        )
        check_opinion(text, Scales(), {3, 4, 5})
        drafted = Simulation(number, Scales()).conclusion(MATTER, language)
        judged = Assessed(**{name: drafted[name] for name in Assessed.__dataclass_fields__})
        check_conclusion(ConclusionText(drafted["answer"], judged, language, drafted["divergent"]), Scales())


def test_an_opinion_speaks_of_the_question_and_in_the_spaces_of_its_language() -> None:
    texts = [simulation().opinion(f"expert {number}", MATTER, "fr")["position"] for number in range(30)]
    assert any(TITLE["fr"] in text for text in texts)
    assert not any(" :" in text or " ;" in text or "« " in text for text in texts)


def test_two_hundred_people_have_two_hundred_addresses_and_names() -> None:
    people = invented_people(240, 7)
    assert len({person.email for person in people}) == len({person.name for person in people}) == 240
    assert {person.language for person in people} == {"fr", "en"}
    assert all(person.email.isascii() for person in people)


# Ratings from a file


def groups_of() -> dict[str, str]:
    file = read_assessment((data_path("config") / "assessments" / "mesotherapy.toml").read_text("utf-8"))
    return {
        statement.code: question.group for question in file.questions for statement in question.statements
    }


def written(folder: Path, text: str) -> Path:
    path = folder / "ratings.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_file_gives_the_ratings_of_its_raters_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, "rater,I-1.1,I-1.2,P-1.1\nA,7,NSP,\nB,,,3\n")
    found = read_file(path, groups_of(), ["pharmacology", "infection"])
    assert found.raters == 2
    assert found.groups == {0: ["infection"], 1: ["pharmacology"]}
    first, second, third = (found.answer(0, code, "fr", 1) for code in ("I-1.1", "I-1.2", "P-1.1"))
    assert first is not None and first.rating == 7
    assert second is not None and second.rating is None and second.reason
    assert third is None and found.answer(0, "X-4.3", "fr", 1) is None


def test_a_second_round_of_a_file_is_played_as_such(tmp_path: Path) -> None:
    path = written(tmp_path, "rater,round,I-1.1\nA,1,3\nA,2,5\n")
    found = read_file(path, groups_of(), ["infection"])
    assert [found.answer(0, "I-1.1", "fr", number).rating for number in (1, 2)] == [3, 5]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("rater,Z-9.9\nA,7\n", "has no statement Z-9.9"),
        ("rater,group,I-1.1\nA,radiology,7\n", "has no working group radiology"),
        ("rater,I-1.1\nA,11\n", "Line 2"),
    ],
)
def test_a_file_that_speaks_of_something_else_is_refused_before_anything_starts(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(Unexpected, match=sentence):
        read_file(written(tmp_path, text), groups_of(), ["infection", "pharmacology"])


def test_no_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unexpected, match="cannot be read"):
        read_file(tmp_path / "missing.csv", groups_of(), [])
