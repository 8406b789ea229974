"""Who may give which role, in which group, and who may see a sign-in link."""

import pytest

from deliberate.assessments import rules
from deliberate.assessments.rules import GroupKind, Place, Role
from deliberate.errors import Invalid, NotFound, Refused

NOBODY = Place(1, 1)
SECRETARY = Place(1, 1, secretariat=True)
EXPERT = Place(1, 1, sits_in=frozenset({3}))


def test_without_any_role_the_assessment_does_not_exist() -> None:
    rules.check_takes_part(SECRETARY)
    rules.check_takes_part(EXPERT)
    rules.check_takes_part(Place(1, 1, stakeholder=True))
    with pytest.raises(NotFound):
        rules.check_takes_part(NOBODY)
    with pytest.raises(NotFound):
        rules.check_is_secretariat(EXPERT)


def test_one_sees_ones_own_group_and_the_secretariat_sees_all() -> None:
    assert EXPERT.sees_group(3) and not EXPERT.sees_group(4)
    assert SECRETARY.sees_group(4) and not NOBODY.sees_group(3)


def test_the_secretariat_gives_all_roles_and_an_administrator_that_of_the_secretariat() -> None:
    assert rules.roles_to_give(SECRETARY, administrator=False) == set(Role)
    assert rules.roles_to_give(NOBODY, administrator=True) == {Role.SECRETARIAT}
    assert rules.roles_to_give(EXPERT, administrator=False) == set()
    rules.check_gives(Role.SECRETARIAT, {Role.SECRETARIAT})
    with pytest.raises(Refused, match="secretariat"):
        rules.check_gives(Role.EXPERT, {Role.SECRETARIAT})
    with pytest.raises(NotFound):
        rules.check_gives(Role.EXPERT, set())


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.SECRETARIAT, None),
        (Role.STAKEHOLDER, None),
        (Role.CHAIR, GroupKind.WORKING_GROUP),
        (Role.CHAIR, GroupKind.COMMITTEE),
        (Role.EXPERT, GroupKind.WORKING_GROUP),
        (Role.MEMBER, GroupKind.COMMITTEE),
    ],
)
def test_a_role_is_held_where_it_belongs(role: Role, kind: GroupKind | None) -> None:
    rules.check_seat(role, kind)


@pytest.mark.parametrize(
    ("role", "kind", "word"),
    [
        (Role.SECRETARIAT, GroupKind.COMMITTEE, "Leave the group out"),
        (Role.STAKEHOLDER, GroupKind.WORKING_GROUP, "Leave the group out"),
        (Role.CHAIR, None, "Name the group"),
        (Role.EXPERT, None, "Name the group"),
        (Role.EXPERT, GroupKind.COMMITTEE, "working group"),
        (Role.MEMBER, GroupKind.WORKING_GROUP, "committee"),
    ],
)
def test_a_role_in_the_wrong_place_is_refused_with_what_to_do(
    role: Role, kind: GroupKind | None, word: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_seat(role, kind)
    assert word in str(refused.value.problems["group"])


def test_an_assessment_is_never_left_without_a_secretariat() -> None:
    rules.check_ends(Role.SECRETARIAT, set(Role), secretaries=2)
    rules.check_ends(Role.EXPERT, set(Role), secretaries=1)
    with pytest.raises(Refused, match="another person"):
        rules.check_ends(Role.SECRETARIAT, set(Role), secretaries=1)
    with pytest.raises(NotFound):
        rules.check_ends(Role.EXPERT, {Role.SECRETARIAT}, secretaries=2)


@pytest.mark.parametrize(
    ("administrator", "person_administers", "places", "secretariat_of", "may"),
    [
        (False, False, set(), {1}, True),  # new here
        (False, False, {1}, {1}, True),
        (False, False, {1, 2}, {1, 2}, True),
        (False, False, {1, 2}, {1}, False),  # would open an assessment that is not theirs
        (False, True, {1}, {1}, False),  # would make them administrator
        (True, True, {1, 2}, set(), True),
    ],
)
def test_a_link_is_shown_only_to_those_whom_it_gives_nothing_new(
    administrator: bool, person_administers: bool, places: set[int], secretariat_of: set[int], may: bool
) -> None:
    found = rules.may_hand_over(
        administrator=administrator,
        person_administers=person_administers,
        places=places,
        secretariat_of=secretariat_of,
    )
    assert found is may


def test_the_same_file_is_welcome_twice_and_another_is_not() -> None:
    rules.check_same_content("mesotherapy", "a", "a")
    with pytest.raises(Refused, match="mesotherapy is already loaded, with other content"):
        rules.check_same_content("mesotherapy", "a", "b")
