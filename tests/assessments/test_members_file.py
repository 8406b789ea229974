"""Lists of members: every country's spreadsheet is read, and every mistake is told by its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberate.assessments.members_file import MAX_ROWS, MembersInvalid, decode, read_members
from deliberate.assessments.rules import GroupKind, Role

GROUPS = {"infection": GroupKind.WORKING_GROUP, "ceesp": GroupKind.COMMITTEE}
GOOD = """name,email,role,group,language
Claire Martin,Claire@Example.org,chair,infection,fr
O'Brien,obrien@example.org,expert,Infection,en

"Dupont, Jean",dupont@example.org,member,ceesp,
Asso,asso@example.org,stakeholder,,
"""


def problems_in(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(MembersInvalid) as refused:
        read_members(text, GROUPS)
    return [(each.line, each.column, str(each.refusal)) for each in refused.value.found]


def test_a_good_list_gives_its_rows() -> None:
    rows = read_members(GOOD, GROUPS)
    assert [(row.line, row.name, row.email, row.role, row.group, row.language) for row in rows] == [
        (2, "Claire Martin", "claire@example.org", Role.CHAIR, "infection", "fr"),
        (3, "O'Brien", "obrien@example.org", Role.EXPERT, "infection", "en"),
        (5, "Dupont, Jean", "dupont@example.org", Role.MEMBER, "ceesp", "fr"),
        (6, "Asso", "asso@example.org", Role.STAKEHOLDER, None, "fr"),
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_french_spreadsheet_is_read_as_well(separator: str) -> None:
    lines = [
        ["Langue", "Nom", "Courriel", "Rôle", "Groupe", "Remarque"],
        ["Français", "Léa Petit", "lea@example.org", "Présidente", "infection", "x, y"],
    ]
    text = "\ufeff" + "\r\n".join(separator.join(line) for line in lines)
    (row,) = read_members(text, GROUPS)
    assert (row.name, row.role, row.group, row.language) == ("Léa Petit", Role.CHAIR, "infection", "fr")


def test_old_windows_files_and_new_ones_are_decoded() -> None:
    assert decode("Léa".encode("cp1252")) == decode("Léa".encode()) == decode("\ufeffLéa".encode()) == "Léa"


def test_every_mistake_is_told_with_its_line_and_column() -> None:
    text = """name;email;role;group;language
;not an address;boss;nowhere;de
Claire;claire@example.org;expert;;fr
Jean;jean@example.org;expert;ceesp;fr
Léa;lea@example.org;secretariat;infection;fr
Paul;paul@example.org;member;ceesp;fr
Paul bis;PAUL@example.org;membre;CEESP;fr
"""
    found = problems_in(text)
    assert [(line, column) for line, column, _ in found] == [
        (2, "name"),
        (2, "email"),
        (2, "role"),
        (2, "group"),
        (2, "language"),
        (3, "group"),
        (4, "group"),
        (5, "group"),
        (7, "email"),
    ]
    sentences = {(line, column): sentence for line, column, sentence in found}
    assert "secretariat, chair, expert, member, stakeholder" in sentences[2, "role"]
    assert "infection, ceesp" in sentences[2, "group"]
    assert "repeats line 6" in sentences[7, "email"]


def test_a_person_may_have_two_roles() -> None:
    text = "name,email,role,group\nA,a@example.org,expert,infection\nA,a@example.org,member,ceesp\n"
    assert len(read_members(text, GROUPS)) == 2


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", ["name", "email", "role"]),
        ("   \n\n", ["name", "email", "role"]),
        ("email,group\na@example.org,infection", ["name", "role"]),
        ("name,email,role", ["name"]),
        ("name,email,role\n,,\n", ["name"]),
        ("name,email,role\n" + "A,a@example.org,stakeholder\n" * (MAX_ROWS + 1), ["name"]),
    ],
)
def test_a_list_without_headings_or_lines_says_what_is_missing(text: str, columns: list[str]) -> None:
    assert [(line, column) for line, column, _ in problems_in(text)] == [(1, each) for each in columns]


@given(st.text(max_size=300))
def test_whatever_is_sent_gives_rows_or_problems(text: str) -> None:
    for given_text in (text, f"name,email,role,group,language\n{text}"):
        try:
            assert all(row.email and row.name for row in read_members(given_text, GROUPS))
        except MembersInvalid as error:
            assert error.found and all(problem.line >= 1 for problem in error.found)
