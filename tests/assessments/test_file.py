"""The assessment file: what is shipped, what any subject may say, and what a reader is told of mistakes."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deliberate.assessments.file import AssessmentFile, FileInvalid, Problem, canonical, read_assessment
from deliberate.assessments.lines import key_lines
from deliberate.errors import Invalid

FILES = Path(__file__).parent / "files"
SHIPPED = Path(__file__).parents[2] / "config" / "assessments" / "mesotherapy.toml"
SECOND = (FILES / "second.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def mesotherapy() -> AssessmentFile:
    return read_assessment(SHIPPED.read_text(encoding="utf-8"))


def problems_in(text: str) -> list[Problem]:
    with pytest.raises(FileInvalid) as caught:
        read_assessment(text)
    return caught.value.found


def pairs_in(value: Any) -> list[dict[str, str]]:
    """Every French and English pair, however deep."""
    if isinstance(value, dict):
        if set(value) == {"fr", "en"}:
            return [value]
        value = list(value.values())
    return [pair for part in value for pair in pairs_in(part)] if isinstance(value, list) else []


# The shipped assessment


def test_the_shipped_assessment_has_three_kinds_of_risk_two_working_groups_and_the_committee(
    mesotherapy: AssessmentFile,
) -> None:
    assert [kind.code for kind in mesotherapy.risk_kinds] == [
        "infectious",
        "pharmacological",
        "psychopathological",
    ]
    assert [(group.code, group.kind) for group in mesotherapy.groups] == [
        ("pharmacology", "working_group"),
        ("infection", "working_group"),
        ("ceesp", "committee"),
    ]


def test_every_question_of_the_shipped_assessment_has_statements_to_rate(mesotherapy: AssessmentFile) -> None:
    assert len(mesotherapy.questions) >= 14
    for question in mesotherapy.questions:
        assert len(question.statements) >= 2, question.code
        assert all(statement.code.startswith(question.code) for statement in question.statements)


SUBJECTS = {
    "I-1": ("bactéries courantes", "typical bacteria"),
    "I-2": ("mycobactéries atypiques", "atypical mycobacteria"),
    "I-3": ("asepsie et injections multiples", "aseptic conditions and multiple injections"),
    "I-4": ("modèles de faisabilité", "feasibility models"),
    "I-5": ("surveillance", "surveillance"),
    "P-1": ("granulomateuses", "granulomatous"),
    "P-2": ("systémiques", "systemic"),
    "P-3": ("allergiques et choc anaphylactique", "allergic reactions and anaphylactic shock"),
    "P-4": ("compatibilité physico-chimique", "physicochemical compatibility"),
    "P-5": ("hors autorisation", "off-label"),
    "P-6": ("acide hyaluronique associé à des vitamines", "hyaluronic acid combined with vitamins"),
    "P-7": ("extemporanée", "extemporaneous"),
    "P-8": ("doses et volumes", "doses and volumes"),
    "S-1": ("contexte psychopathologique", "psychopathological setting"),
    "X-1": ("définition", "definition"),
    "X-2": ("hétérogénéité", "heterogeneity"),
    "X-3": ("formation", "training"),
    "X-4": ("information du public", "information of the public"),
}


@pytest.mark.parametrize("code", SUBJECTS)
def test_each_subject_of_the_referral_is_the_title_of_a_question(
    mesotherapy: AssessmentFile, code: str
) -> None:
    [title] = [question.title for question in mesotherapy.questions if question.code == code]
    french, english = SUBJECTS[code]
    assert french in title.fr.lower()
    assert english in title.en.lower()


def test_the_six_sources_of_the_assessment_are_in_its_dossier(mesotherapy: AssessmentFile) -> None:
    kinds = [source.kind for source in mesotherapy.evidence]
    assert kinds == ["literature", "agency_data", "agency_data", "survey", "expert_opinion", "hearing"]
    assert [source.level for source in mesotherapy.evidence] == ["C", None, None, None, None, None]


def test_stakeholders_have_themes_to_be_heard_on(mesotherapy: AssessmentFile) -> None:
    assert 4 <= len(mesotherapy.hearing_themes) <= 6


def test_the_shipped_protocol_rates_with_ram_and_repeats_the_quorum_of_the_committee(
    mesotherapy: AssessmentFile,
) -> None:
    assert mesotherapy.protocol["method"] == "RAM"
    assert mesotherapy.protocol["chair_rates"] is False
    assert mesotherapy.protocol["rounds"] == {"min": 2, "max": 3, "re_rate": "not_settled_only"}
    assert mesotherapy.protocol["committee"]["quorum_share"] == mesotherapy.groups[2].quorum_share == "1/2"


def test_the_risk_matrix_is_complete_and_never_falls_along_an_axis(mesotherapy: AssessmentFile) -> None:
    matrix = mesotherapy.protocol["risk"]["matrix"]
    assert [len(row) for row in matrix] == [3] * 5
    assert all(row == sorted(row) for row in matrix)
    assert all(list(column) == sorted(column) for column in zip(*matrix, strict=True))


def test_no_text_stands_in_one_language_only_or_twice_the_same(mesotherapy: AssessmentFile) -> None:
    pairs = pairs_in(mesotherapy.model_dump(mode="json"))
    assert len(pairs) > 140
    assert [pair for pair in pairs if not (pair["fr"].strip() and pair["en"].strip())] == []
    assert [pair for pair in pairs if pair["fr"] == pair["en"]] == []


@pytest.mark.parametrize(
    "fault",
    [
        r"(?<![\u202f\u00a0])[;:!?»]",
        r"«(?![\u202f\u00a0])",
        r"'",
        r"\s\s",
        r"\.\.\.",
        r"\b(?:the|of the|with)\b",
    ],
    ids=[
        "space before",
        "space after guillemet",
        "straight apostrophe",
        "two spaces",
        "three points",
        "English",
    ],
)
def test_french_texts_keep_french_typography(mesotherapy: AssessmentFile, fault: str) -> None:
    texts = [pair["fr"] for pair in pairs_in(mesotherapy.model_dump(mode="json"))]
    assert any("\u202f?" in text for text in texts)  # or the search would prove nothing
    assert [text for text in texts if re.search(fault, text)] == []


# Any other assessment


def test_an_assessment_of_another_subject_and_layout_is_read_the_same_way() -> None:
    file = read_assessment(SECOND)
    assert [question.code for question in file.questions] == ["A1", "A2"]
    assert file.questions[0].text.fr.endswith('"naturels" [sic] = purs.')
    assert [statement.code for statement in file.questions[1].statements] == ["A2.1", "A2.2"]
    assert file.groups[1].quorum_share == "2/3"
    assert file.evidence[0].questions == ("A1",)
    assert file.hearing_themes == ()


def test_a_question_of_context_has_no_kind_of_risk() -> None:
    assert [question.kind for question in read_assessment(SECOND).questions] == ["allergy", None]


def test_laying_a_file_out_differently_changes_nothing_and_a_word_changes_something() -> None:
    loaded = canonical(read_assessment(SECOND))
    inline = 'title = { fr = "Information", en = "Information" }'
    dotted = '# a remark\ntitle.en = "Information"\ntitle.fr = """\nInformation\n"""'
    assert canonical(read_assessment(SECOND.replace(inline, dotted))) == loaded
    assert canonical(read_assessment(SECOND.replace("\n", "\r\n"))) == loaded
    assert canonical(read_assessment("\ufeff" + SECOND)) == loaded
    assert canonical(read_assessment(SECOND.replace("Contact eczema", "Contact eczema!"))) != loaded


def test_a_loaded_assessment_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_assessment(SECOND).groups[0].seats = 12  # type: ignore[misc]  # mypy knows it, too


def test_the_bad_files_below_are_bad_for_one_reason_only() -> None:
    assert read_assessment(SECOND)


# Mistakes, each with its place. `# here` stands in the line that the reader must be sent to.


class Bad(NamedTuple):
    good: str
    bad: str
    where: str
    sentence: str


BAD_FILES = {
    "a missing language": Bad(
        '[questions.text]\nfr = """',
        '[questions.text] # here\nde = """',
        "questions[0] (A1).text.fr",
        "The French text is missing. Add it under the key fr.",
    ),
    "an unknown language": Bad(
        'en = "Dermatology group" }',
        'en = "Dermatology group", it = "Dermatologia" } # here',
        "groups[0] (skin).name.it",
        "it is not a language used here. Texts are in French (fr) and English (en).",
    ),
    "an empty text": Bad(
        'text.en = "Sensitisation is lasting."',
        'text.en = "  " # here',
        "questions[0] (A1).statements[0].text.en",
        "This text is empty. Write it.",
    ),
    "a text that is too long": Bad(
        'text.en = "Sensitisation is lasting."',
        f'text.en = "{"a" * 20_001}" # here',
        "questions[0] (A1).statements[0].text.en",
        "This text is longer than 20000 characters. Shorten it.",
    ),
    "a text with a control character": Bad(
        'en = "Single reports." }',
        'en = "Single\\u0000reports." } # here',
        "evidence[0] (E1).description.en",
        "This text contains a control character that cannot be shown. Remove it.",
    ),
    "a text in one language only": Bad(
        'name = { fr = "Commission", en = "Board" }',
        'name = "Board" # here',
        "groups[1] (board).name",
        'Write this text in both languages, name.fr = "..." and name.en = "...", not "Board".',
    ),
    "a misspelt key": Bad(
        'hazard = { fr = "Décision sans information"',
        'hasard = {} # here\nhazard = { fr = "Décision sans information"',
        "questions[1] (A2).hasard",
        "There is no key hasard here. Did you mean hazard?",
    ),
    "a key nobody knows": Bad(
        'code = "allergy"\n',
        'code = "allergy"\nwww = 1 # here\n',
        "risk_kinds[0] (allergy).www",
        "There is no key www here. Remove it, or use one of these: code, name.",
    ),
    "a missing key": Bad(
        '[[evidence]]\ncode = "E1"\nkind = "literature"',
        '[[evidence]] # here\ncode = "E1"',
        "evidence[0] (E1).kind",
        "The key kind is missing. Add it.",
    ),
    "an unknown kind of evidence": Bad(
        'kind = "literature"',
        'kind = "rumour" # here',
        "evidence[0] (E1).kind",
        "\"rumour\" is not known here. Choose 'literature', 'agency_data', 'survey', 'expert_opinion' "
        "or 'hearing'.",
    ),
    "an unknown kind of group": Bad(
        'kind = "committee"',
        'kind = "comittee" # here',
        "groups[1] (board).kind",
        "\"comittee\" is not known here. Choose 'working_group' or 'committee'.",
    ),
    "an unknown original language": Bad(
        "format = 1",
        'format = 1\nlanguage = "de" # here',
        "language",
        "\"de\" is not known here. Choose 'fr' or 'en'.",
    ),
    "an unknown working group": Bad(
        'group = "skin"\nkind',
        'group = "skim" # here\nkind',
        "questions[0] (A1).group",
        "skim is not defined in this file. Did you mean skin?",
    ),
    "a question for the committee": Bad(
        'group = "skin"\nkind',
        'group = "board" # here\nkind',
        "questions[0] (A1).group",
        "board is not a working group. Name the working group that examines this question.",
    ),
    "an unknown kind of risk": Bad(
        'kind = "allergy"',
        'kind = "fire" # here',
        "questions[0] (A1).kind",
        "fire is not defined in this file. Choose one of these: allergy.",
    ),
    "evidence on an unknown question": Bad(
        'questions = ["A1"]',
        'questions = [\n  "A1", # the first\n  "B7", # here\n]',
        "evidence[0] (E1).questions[1]",
        "B7 is not defined in this file. Choose one of these: A1, A2.",
    ),
    "evidence on nothing": Bad(
        'questions = ["A1"]',
        "questions = [] # here",
        "evidence[0] (E1).questions",
        "questions is empty. Give at least one.",
    ),
    "evidence on a question without brackets": Bad(
        'questions = ["A1"]',
        "questions = 1 # here",
        "evidence[0] (E1).questions",
        'A list of question codes or "all" belongs here, not 1.',
    ),
    "the same code for two questions": Bad(
        'code = "A2"',
        'code = "A1" # here',
        "questions[1] (A1).code",
        "The code A1 is already used in line 30, questions[0] (A1). Give each its own.",
    ),
    "the same code for statements of two questions": Bad(
        '"A2.1", text = { fr = "Le public est informé.", en = "The public is informed." } },',
        '"A1.1", text = { fr = "Le public est informé.", en = "The public is informed." } }, # here',
        "questions[1] (A2).statements[0].code",
        "The code A1.1 is already used in line 45, questions[0] (A1).statements[0]. Give each its own.",
    ),
    "a code with a space": Bad(
        'code = "E1"',
        'code = "E 1" # here',
        "evidence[0] (E 1).code",
        'The code "E 1" cannot be used. Write letters and digits, with single hyphens or points between.',
    ),
    "one statement only": Bad(
        'code = "A1.2"\ntext.fr = "Ces tatouages sont à déconseiller aux enfants."\n'
        'text.en = "Children should not have these tattoos."\n\n[[questions]]',
        'code = "A1.2"\ntext = { fr = "Non", en = "No" }\n\n[[questions]] # here\n'
        'code = "A3"\ngroup = "skin"\ntitle = { fr = "T", en = "T" }\n'
        'text = { fr = "T", en = "T" }\nhazard = { fr = "T", en = "T" }\n\n[[questions]]',
        "questions[1] (A3).statements",
        "A question needs at least two statements to rate, and this one has 0. Add to them.",
    ),
    "no committee": Bad(
        '[[groups]]\ncode = "skin"\nkind = "working_group"\n'
        'name = { fr = "Groupe de dermatologie", en = "Dermatology group" }\n\n'
        '[[groups]]\ncode = "board"\nkind = "committee"',
        '[[groups]] # here\ncode = "skin"\nkind = "working_group"',
        "groups",
        'No group will adopt the record. Add one with kind = "committee", seats and quorum_share.',
    ),
    "a second committee": Bad(
        "[[questions]]\n",
        '[[groups]]\ncode = "other"\nkind = "committee" # here\nseats = 3\nquorum_share = "4/6"\n'
        'name = { fr = "Autre", en = "Other" }\n\n[[questions]]\n',
        "groups[2] (other).kind",
        "This is a second committee, and only one adopts the record. Keep one.",
    ),
    "a committee without seats": Bad(
        '[[groups]]\ncode = "board"\nkind = "committee"\nname = { fr = "Commission", en = "Board" }\n'
        "seats = 9\n",
        '[[groups]] # here\ncode = "board"\nkind = "committee"\nname = { fr = "Commission", en = "Board" }\n',
        "groups[1] (board).seats",
        "The committee votes under quorum and needs seats. Add it.",
    ),
    "a quorum above one": Bad(
        'quorum_share = "2/3"\n',
        'quorum_share = "4/3" # here\n',
        "groups[1] (board).quorum_share",
        'A quorum share is above 0 and at most 1, written like "1/2", not "4/3". Correct it.',
    ),
    "a quorum of nobody": Bad(
        'quorum_share = "2/3"\n',
        'quorum_share = "0/3" # here\n',
        "groups[1] (board).quorum_share",
        'A quorum share is above 0 and at most 1, written like "1/2", not "0/3". Correct it.',
    ),
    "two different quorums": Bad(
        'committee = { quorum_share = "2/3" }',
        'committee = { quorum_share = "1/2" } # here',
        "protocol.committee.quorum_share",
        "The quorum is 1/2 here but 2/3 in the committee. Make them the same.",
    ),
    "seats in words": Bad(
        "seats = 9",
        "seats = true # here",
        "groups[1] (board).seats",
        "A whole number without quotation marks belongs here, not true.",
    ),
    "no seats at all": Bad(
        "seats = 9",
        "seats = 0 # here",
        "groups[1] (board).seats",
        "0 is too small. Give at least 1.",
    ),
    "a number for a code": Bad(
        'code = "board"',
        "code = 7 # here",
        "groups[1].code",
        "A text in quotation marks belongs here, not 7.",
    ),
    "a bad slug": Bad(
        'slug = "black-henna"',
        'slug = "black--henna" # here',
        "slug",
        'The slug "black--henna" cannot stand in an address. Use small letters, digits and single hyphens.',
    ),
    "a format of the future": Bad(
        "format = 1",
        "format = 2 # here",
        "format",
        "Format 2 is unknown. This program reads format = 1.",
    ),
    "a text where entries belong": Bad(
        "format = 1",
        'format = 1\nhearing_themes = "practice" # here',
        "hearing_themes",
        'A list belongs here, not "practice". Write each entry under its own header [[hearing_themes]].',
    ),
    "a list of something else": Bad(
        '    { code = "A2.2", text = { fr = "Une affiche est utile.", en = "A notice is useful." } },',
        '    "A2.2", # here',
        "questions[1] (A2).statements[1]",
        'An entry with keys and values belongs here, not "A2.2".',
    ),
    "a date in the protocol": Bad(
        'method = "HAS_RCF"',
        'method = "HAS_RCF"\nrounds = { max = 2026-01-31 } # here',
        "protocol.rounds.max",
        "The protocol cannot be read here: datetime.date(2026, 1, 31) is not a whole number. Correct it.",
    ),
    "an unknown method": Bad(
        'method = "HAS_RCF"',
        'method = "RAMM" # here',
        "protocol.method",
        "The protocol cannot be read here: 'RAMM' is not one of RAM, HAS_RCF, COMET_70_15, PERCENT, AWMF, "
        "GRADE_GRID, MEDIAN_IQR. Correct it.",
    ),
    "a key given twice": Bad(
        "seats = 9",
        "seats = 9\nseats = 10 # here",
        "column 11",
        "This key or table is given a second time. Keep one of the two.",
    ),
    "a text left open": Bad(
        'slug = "black-henna"',
        'slug = "black-henna # here',
        "column 27",
        "A text is not closed. End it with the same quotation marks it began with.",
    ),
    "quotation marks inside a text": Bad(
        'text.en = "Sensitisation is lasting."',
        'text.en = "Sensitisation is "lasting"." # here',
        "column 30",
        "Something follows the value. Give each key its own line; put \\ before quotation marks in texts.",
    ),
    "a text without quotation marks": Bad(
        'slug = "black-henna"',
        "slug = black-henna # here",
        "column 8",
        "This value cannot be read. Put texts in quotation marks.",
    ),
    "a bracket left open": Bad(
        'questions = ["A1"]',
        'questions = ["A1" # here',
        "",
        "A bracket or brace is not closed. Close it.",
    ),
    "a backslash": Bad(
        'slug = "black-henna"',
        'slug = "black\\henna" # here',
        "column 16",
        "A backslash stands alone in this text. Write it twice, or leave it out.",
    ),
    "something else that is not TOML": Bad(
        'slug = "black-henna"',
        'slug = "black-henna"\n= "henna" # here',
        "column 1",
        "This is not valid TOML: Invalid statement. Correct it.",
    ),
}


@pytest.mark.parametrize("mistake", BAD_FILES)
def test_a_mistake_is_told_with_its_place_its_line_and_what_to_do(mistake: str) -> None:
    case = BAD_FILES[mistake]
    assert SECOND.count(case.good) >= 1, "the good text no longer stands in second.toml"
    text = SECOND.replace(case.good, case.bad, 1)
    line = next(number for number, written in enumerate(text.splitlines(), 1) if "# here" in written)

    found = problems_in(text)

    assert Problem(case.where, line, *told(found, case.sentence)) in found
    assert len(found) == 1 or mistake in ("a missing language", "a format of the future")


def told(found: list[Problem], sentence: str) -> tuple[str, Any]:
    """Words and parameters of the problem with this sentence; the list of sentences when there is none."""
    assert sentence in [problem.sentence for problem in found]
    return next((problem.msgid, problem.params) for problem in found if problem.sentence == sentence)


def test_all_problems_come_at_once_in_the_order_of_their_lines() -> None:
    found = problems_in((FILES / "many_problems.toml").read_text(encoding="utf-8"))
    assert [(problem.line, problem.where) for problem in found] == [
        (2, "format"),
        (3, "slug"),
        (4, "titel"),
        (5, "title.en"),
        (6, "aim"),
        (7, "requester.de"),
        (8, "context.en"),
        (11, "protocol.frozen_on"),
        (17, "groups"),
        (20, "groups[0] (skin).seats"),
        (25, "questions[0] (A1).group"),
        (26, "questions[0] (A1).kind"),
        (34, "questions[0] (A1).statements"),
        (39, "questions[1] (A1).code"),
        (45, "questions[1] (A1).statements[0].code"),
        (46, "questions[1] (A1).statements[1].text.en"),
        (46, "questions[1] (A1).statements[1].text.fr"),
    ]


def test_all_faults_of_a_protocol_come_at_once_too() -> None:
    text = SECOND.replace(
        'method = "HAS_RCF"',
        'method = "RAMM"\nround = 3\nrounds = { max = 0 }\nrpc = 1\nram.panel = inf',
    )
    assert [problem.where for problem in problems_in(text)] == [
        "protocol.method",
        "protocol.round",
        "protocol.rounds.max",
        "protocol.rpc",
        "protocol.ram.panel",
    ]


def test_an_empty_file_is_told_everything_it_lacks_without_a_line() -> None:
    found = problems_in("")
    assert {problem.line for problem in found} == {None}
    assert "The key slug is missing. Add it." in [problem.sentence for problem in found]


def test_an_invalid_file_is_a_refusal_like_any_other_and_keeps_words_and_parameters_apart() -> None:
    with pytest.raises(Invalid) as caught:
        read_assessment(SECOND.replace('group = "skin"', 'group = "skim"'))
    assert str(caught.value) == "Nothing was loaded. Places to correct in this file: 2."
    refusal = caught.value.problems["questions[1] (A2).group"]
    assert refusal.message == "{code} is not defined in this file. Did you mean {nearest}?"
    assert refusal.places == {"code": "skim", "nearest": "skin"}


def test_a_sentence_survives_braces_in_what_the_file_says() -> None:
    [problem] = problems_in(SECOND.replace('slug = "black-henna"', 'slug = "{key}{0}"'))
    assert problem.sentence.startswith('The slug "{key}{0}" cannot')


def test_a_file_of_more_than_two_megabytes_is_not_read() -> None:
    [problem] = problems_in(SECOND + "#" * 2_000_000)
    assert problem.line is None
    assert "at most 2000000 are read" in problem.sentence


@pytest.mark.parametrize("deep", ["x = " + "[" * 100_000, "x = " + "{a=" * 100_000, "a." * 3000 + "b = 1"])
def test_a_file_nested_without_end_is_refused(deep: str) -> None:
    [problem] = problems_in(deep)
    assert problem.sentence == "Lists or tables are nested too deeply to be read. Nest them less."


@pytest.mark.parametrize("value", ["0", "[]", "[[1]]", "{}", "[{}]", "[{ code = [] }]", "true", "nan", '""'])
def test_whatever_stands_in_place_of_a_value_the_reader_answers_with_problems(value: str) -> None:
    protocol, entries = SECOND.split("[[risk_kinds]]")  # the protocol has a reader of its own
    for place in re.finditer(r"(?<== )\S.*$", entries, re.MULTILINE):
        changed = entries[: place.start()] + value + entries[place.end() :]
        assert all(problem.sentence for problem in problems_in(f"{protocol}[[risk_kinds]]{changed}")), changed


def test_a_number_with_thousands_of_digits_is_refused() -> None:
    [problem] = problems_in(f"format = {'9' * 5000}")
    assert problem.sentence.startswith("This is not valid TOML")


# Lines


def test_every_way_to_write_a_key_has_its_line() -> None:
    text = """\
a = 1 # [not.a.table]
"b c".'d' = 1979-05-27 07:32:00

[t.u] # after
v = [ # one
  1.5,
  { w = "]", x = [
    2 ] },
]
[[t.list]]
[t.list.sub]
y = '''
[[t.list]]
z = "no"'''
[[t.list]]
z = \"\"\"" \\\"\"\"
still\"\"\"\"
[[t.list.deep]]
last = ""
"""
    lines = key_lines(text)
    assert {path: lines[path] for path in lines if len(path) > 1} == {
        ("b c", "d"): 2,
        ("t", "u"): 4,
        ("t", "u", "v"): 5,
        ("t", "u", "v", 0): 6,
        ("t", "u", "v", 1): 7,
        ("t", "u", "v", 1, "w"): 7,
        ("t", "u", "v", 1, "x"): 7,
        ("t", "u", "v", 1, "x", 0): 8,
        ("t", "list"): 10,
        ("t", "list", 0): 10,
        ("t", "list", 0, "sub"): 11,
        ("t", "list", 0, "sub", "y"): 12,
        ("t", "list", 1): 15,
        ("t", "list", 1, "z"): 16,
        ("t", "list", 1, "deep"): 18,
        ("t", "list", 1, "deep", 0): 18,
        ("t", "list", 1, "deep", 0, "last"): 19,
    }
    assert {path: lines[path] for path in lines if len(path) == 1} == {("a",): 1, ("b c",): 2, ("t",): 4}
