"""One way through the product for each of those who come to it."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from deliberate.assessments.models import Assessment
from deliberate.hearings.models import Contribution, Hearing
from deliberate.interests.models import Declaration
from deliberate.people.actions import make_link
from deliberate.questions.models import Opinion
from deliberate.review.models import ReviewComment
from deliberate.voting import actions as voting
from deliberate.voting.models import Ballot
from tests.journeys.conftest import House
from tests.support.browser import NARROW, needs_chromium, overflow
from tests.test_layout import ROOT

pytestmark = [pytest.mark.browser, needs_chromium]


async def press(page: Page, button: str) -> None:
    await page.get_by_role("button", name=button, exact=True).click()


async def agree(page: Page, button: str) -> None:
    """Presses, and confirms what the dialog asks."""
    await page.get_by_role("button", name=button).click()
    await page.get_by_role("dialog").get_by_role("button", name=button).click()


async def test_an_expert_comes_in_declares_and_writes_an_opinion_that_survives_a_closed_tab(
    house: House,
) -> None:
    person = house.made.world["undeclared"]
    token = await make_link(person, house.made.world["administrator"], hours=2)
    page = await house.visit.page()
    await page.goto(f"/sign-in/{token}")
    await press(page, "Sign in")
    await page.get_by_role("link", name="Sign your declaration of interests").click()
    await page.get_by_label("I have nothing to declare").check()
    await press(page, "Sign my declaration")
    await expect(page.get_by_text("Signed. Your declaration counts")).to_be_visible()
    assert await Declaration.filter(person=person).count() == 1

    await page.goto(f"/questions/{house.made.blind}/opinion")
    await page.get_by_label("Your position").fill("The risk is real.")
    await page.get_by_label("Your reasons").fill("Because of *twelve* cases.")
    await expect(page.locator("[data-autosave-status]")).to_contain_text(re.compile("[Ss]aved"))
    page = await page.context.new_page()
    await page.goto(f"/questions/{house.made.blind}/opinion")
    await expect(page.get_by_label("Your reasons")).to_have_value("Because of *twelve* cases.")
    for group in ("Status of the risk", "Severity", "Likelihood", "Certainty of what you say"):
        await page.get_by_role("group", name=group).get_by_role("radio").first.check()
    await page.get_by_role("group", name="Language of the text").get_by_label("English").check()
    await press(page, "Submit my opinion")
    await expect(page.get_by_text("Your opinion is submitted, version 1.")).to_be_visible()
    written = await Opinion.get(question_id=house.made.blind, author=person)
    assert (written.version, written.draft) == (1, None)


async def test_a_stakeholder_accepts_declares_and_contributes(house: House) -> None:
    page = await house.visit.page(house.made.rival)
    await page.goto("/")
    await page.get_by_role("link", name="Answer the convocation to your hearing").click()
    await press(page, "Accept the convocation")
    await page.get_by_label("Interests of the organisation in the matter").fill("None.")
    await press(page, "Declare the interests")
    await page.get_by_label("Title").fill("Our view")
    await page.get_by_label("Your contribution", exact=True).fill("We **see** it often.")
    await press(page, "Send the contribution")
    await expect(page.get_by_text("is received: entry")).to_be_visible()
    await expect(page.locator("strong", has_text="see").first).to_be_visible()
    sent = await Contribution.filter(author=house.made.rival)
    assert [row.text for row in sent] == ["We **see** it often."]


async def test_a_stakeholder_corrects_the_minutes_and_the_secretariat_answers(house: House) -> None:
    made = house.made
    page, office = [await house.visit.page(made.world[name]) for name in ("stakeholder", "secretariat")]
    await page.goto(f"/hearings/{made.hearing}")
    await page.get_by_label("What should change, and why").fill("It was *never* said.")
    await press(page, "Send the correction")
    await expect(page.get_by_text("Your correction is received")).to_be_visible()
    await office.goto("/")
    await office.get_by_role("link", name="Answer a correction by Federation").click()
    for _ in range(2):  # the first one stood there before
        await office.get_by_role("group", name="The correction is").get_by_role("radio").first.check()
        await office.get_by_label("Why").fill("So it was.")
        await press(office, "Answer the correction")
    await page.reload()
    await expect(page.get_by_text("So it was.")).to_have_count(2)
    assert (await Hearing.get(id=made.hearing)).state == "corrected"


async def test_a_member_of_the_committee_reads_votes_and_comments(house: House) -> None:
    made = house.made
    page = await house.visit.page(made.world["member"])
    await page.goto("/")
    await page.get_by_role("link", name="Vote on the adoption of the record, open now").click()
    await page.get_by_label("against").check(force=True)
    await page.get_by_label("Explanation of my vote").fill("The denominator is missing.")
    await press(page, "Cast my ballot")
    await expect(page.get_by_text("Your ballot is recorded. It is entry")).to_be_visible()
    assert await Ballot.filter(vote_id=made.committee_vote, choice="against").count() == 1
    president = made.world["committee_chair"]
    await voting.cast_ballot(made.committee_vote, president, "against", None, "", uuid4().hex)
    await voting.close_vote(made.committee_vote, president)
    await voting.reveal_vote(made.committee_vote, president)
    await page.locator("summary", has_text="Who answered what").click()
    await expect(page.get_by_role("cell", name="The denominator is missing.")).to_be_visible()

    await page.goto(f"/records/{made.record}")
    section = page.locator("#question-I-1")
    await section.get_by_role("link", name="Comment on this section").click()
    await page.get_by_role("group", name="What kind of comment?").get_by_role("radio").first.check()
    await page.get_by_label("Your comment").fill("Per how many sessions?")
    await press(page, "Send the comment")
    await expect(page.get_by_text("Per how many sessions?")).to_be_visible()
    assert await ReviewComment.filter(record_id=made.record, author=made.world["member"]).count() == 2


async def test_the_secretariat_follows_invites_and_reveals(house: House) -> None:
    made, slug = house.made, house.made.world.assessment.slug
    page = await house.visit.page(made.world["secretariat"])
    await page.goto(f"/a/{slug}/board")
    await expect(page.get_by_role("row").filter(has_text="I-2")).to_contain_text("Expert 2")  # who is missing
    await page.get_by_role("link", name="I-2").first.click()
    await agree(page, "Reveal the opinions")
    await expect(page.get_by_text("The opinions are revealed to the group.")).to_be_visible()
    await page.get_by_role("link", name="Members").click()
    await page.get_by_label("Name", exact=True).fill("Nouvelle Experte")
    await page.get_by_label("E-mail address").fill("nouvelle@example.org")
    await page.get_by_label("Group").select_option("infection")
    await press(page, "Invite")
    letter = await page.get_by_label("To copy").input_value()
    link = re.search(r"/sign-in/\S+", letter)
    assert link
    invited = await house.visit.page()
    await invited.goto(link[0])
    await press(invited, "Sign in")
    await expect(invited.get_by_role("link", name="Aesthetic mesotherapy").first).to_be_visible()


async def test_an_administrator_adds_a_person_and_loads_an_assessment(house: House) -> None:
    page = await house.visit.page(house.made.world["administrator"])
    await page.goto("/people")
    await page.get_by_label("Name", exact=True).fill("Secrétaire Générale")
    await page.get_by_label("E-mail address").fill("secretaire@example.org")
    await press(page, "Add and make a link")
    assert "/sign-in/" in await page.get_by_label("Personal link").input_value()
    await page.goto("/assessments/import")
    await page.get_by_label("The file").set_input_files(ROOT / "config/assessments/mesotherapy.toml")
    await press(page, "Load")
    await expect(page.get_by_role("heading", name="Members")).to_be_visible()  # nobody serves it yet
    assert await Assessment.all().count() == 5
    await page.goto("/assessments/import")
    await page.get_by_label("Or its text").fill('slug = "broken"')
    await press(page, "Load")
    await expect(page.get_by_role("table", name="To correct in the file")).to_be_visible()
    await expect(page.get_by_label("Or its text")).to_have_value('slug = "broken"')


async def test_the_public_reads_the_adopted_record_in_the_other_language(house: House) -> None:
    slug = house.made.sealed.assessment.slug
    page = await house.visit.page(language="fr")
    await page.goto("/")
    await page.get_by_role("link", name="Aesthetic mesotherapy (fr)", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"Aesthetic mesotherapy \(fr\)")
    )
    await page.get_by_role("button", name="EN").click()
    await expect(page.get_by_text("Adopted and sealed on")).to_be_visible()
    assert page.url.endswith(f"/public/{slug}")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Download the sealed file").click()
    assert (await coming.value).suggested_filename == f"{slug}-record.zip"
    await page.goto(f"/a/{slug}")
    assert page.url.endswith("/sign-in")


async def test_without_scripts_a_ballot_is_cast_by_a_plain_form(house: House) -> None:
    made = house.made
    page = await house.visit.page(made.world["expert"], java_script_enabled=False)
    await page.goto(f"/votes/{made.rating}")
    await press(page, "Cast my ballot")  # nothing chosen
    await expect(page.get_by_text("Choose a rating").first).to_be_visible()
    await page.get_by_role("radio", name="7", exact=True).check(force=True)
    await press(page, "Cast my ballot")
    await expect(page.get_by_text("Your ballot is recorded, under number")).to_be_visible()
    await page.goto(f"/meetings/{made.meeting}")
    await page.get_by_role("radio", name="2", exact=True).check(force=True)
    await press(page, "Change my ballot")
    assert page.url.endswith(f"/meetings/{made.meeting}")
    await expect(page.get_by_text("Your ballot: 2")).to_be_visible()
    assert await Ballot.filter(vote_id=made.rating, rating=2).count() == 1


async def test_on_a_phone_one_finds_the_way_and_casts_a_ballot_by_thumb(house: House) -> None:
    page = await house.visit.page(
        house.made.world["expert"], width=NARROW, has_touch=True, is_mobile=True, language="fr"
    )
    await page.goto("/")
    await page.get_by_role("link", name=re.compile("^Cotez")).tap()
    cell = page.get_by_role("radio", name="8", exact=True)
    box = await cell.bounding_box()
    assert box and min(box["width"], box["height"]) >= 44
    await cell.tap()
    await page.get_by_role("button", name="Déposer mon bulletin").tap()
    await expect(page.get_by_text("Votre bulletin est enregistré")).to_be_visible()
    await page.get_by_role("button", name="Menu").tap()
    await page.get_by_role("link", name="Réunions").tap()
    await page.get_by_role("link", name="Second meeting").tap()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await overflow(page) <= 0
