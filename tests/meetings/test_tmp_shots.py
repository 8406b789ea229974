from typing import Any
import pytest
from tests.meetings.test_browser import *
from tests.meetings.test_browser import open_rating
from tests.support.builders import *
from tests.voting.votes import cast

LONG = {"fr":"La préparation cutanée, seule, n’exclut pas le risque d’infection à mycobactéries atypiques lorsque les produits injectés sont préparés extemporanément dans des conditions non contrôlées et que la traçabilité des lots n’est pas assurée par le praticien.","en":"Skin preparation alone does not exclude the risk of infection with atypical mycobacteria where the products injected are prepared extemporaneously under uncontrolled conditions and the batches are not traced."}
async def shot(browser, server, person, path, name, width, lang="fr", scheme="light"):
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    await context.add_cookies([{"name": "deliberate", "value": await sign_in(person), "url": server.url},{"name": "language", "value": lang, "url": server.url}])
    page = await context.new_page()
    await page.goto(f"{server.url}{path}")
    await page.wait_for_timeout(500)
    await page.screenshot(path=f"/tmp/shots/{name}-{width}-{lang}.png", full_page=True)
    await context.close()

async def test_shots(server, browser):
    import os; os.makedirs("/tmp/shots", exist_ok=True)
    from deliberate.questions.models import Wording
    world = await make_world(experts=11)
    for i,p in enumerate(world.experts): 
        p.name=["Anne Delorme","Bernard Pelletier-Vasseur","Chloé Martinez","David N’Guyen","Élodie Roussel","François Garnier","Gaëlle Le Bihan","Hugo Fontaine","Inès Bouaziz","Jean-Baptiste Maréchal","Karim Haddad"][i]; await p.save()
    st = await statement_of(world)
    await Wording.filter(statement=st).update(text=LONG)
    await world.question.refresh_from_db()
    world.question.title={"fr":"Infections à mycobactéries atypiques","en":"Infection with atypical mycobacteria"}; await world.question.save()
    from tests.meetings.meetings import plan, item
    m = await plan(world)
    s=world["secretariat"]
    await actions.add_item(m, item("Ouverture, liens d’intérêts"), s)
    await actions.add_item(m, item("Infections à mycobactéries atypiques", f"question-{world.question.id}", 40), s)
    await actions.add_item(m, item("Questions diverses"), s)
    await shot(browser, server, world["chair"], f"/meetings/{m}/agenda", "agenda", 1440)
    await actions.convene_meeting(m, s)
    await shot(browser, server, world["chair"], f"/meetings/{m}/console", "console-convened", 1440)
    for p in [world["chair"], *world.experts[:9], world["recused"]]:
        await actions.arrive(m, p.id, Presence.ON_SITE if p.id%3 else Presence.REMOTE, p)
    await actions.open_meeting(m, world["chair"])
    items = await AgendaItem.filter(meeting_id=m).order_by("position")
    await actions.open_item(items[0].id, world["chair"]); await actions.close_item(items[0].id, world["chair"])
    await actions.open_item(items[1].id, world["chair"])
    await shot(browser, server, world["chair"], f"/meetings/{m}/console", "console-item", 1440)
    v1 = await open_rating(world, items[1])
    for i,p in enumerate(world.experts[:9]): await cast(v1, p, [7,8,6,9,7,8,8,5,7][i])
    await actions.close_vote(v1.id, world["chair"]); await actions.reveal_vote(v1.id, world["chair"])
    for w in (1440,390): await shot(browser, server, world["expert"], f"/meetings/{m}", "room-result", w)
    await shot(browser, server, world["chair"], f"/meetings/{m}/hall", "hall-result", 1440)
    v = await open_rating(world, items[1])
    for i,p in enumerate(world.experts[1:6]): await cast(v, p, 8)
    for w in (1440,768,390):
        await shot(browser, server, world["expert"], f"/meetings/{m}", "room", w)
        await shot(browser, server, world["chair"], f"/meetings/{m}/console", "console", w)
    await shot(browser, server, world["expert"], f"/meetings/{m}", "room", 1440, "en", "dark")
    await shot(browser, server, world["expert"], f"/votes/{v.id}", "vote", 1440)
    await shot(browser, server, world["chair"], f"/votes/{v.id}", "vote-chair", 1440)
    await shot(browser, server, world["expert"], f"/votes/{v.id}", "vote", 390)
    await shot(browser, server, world["chair"], f"/meetings/{m}/hall", "hall", 1440)
    await shot(browser, server, world["chair"], f"/a/{world.assessment.slug}/meetings", "meetings", 1440)
    await shot(browser, server, world["expert"], f"/votes/{v1.id}", "vote-result", 1440)
