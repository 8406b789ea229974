"""Colours one can read, templates the strict CSP accepts, French for every sentence, scripts that pass."""

import re
import shutil
import subprocess
from math import cos, radians, sin
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates/web").iterdir())
SHEETS = sorted((ROOT / "static/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))

FRAME = ("base.html", "document.html", "error.html", "hall.html")

SURFACES = ("paper", "field", "tint", "wash")
TEXT = ("ink", "ink-soft", "accent", "accent-strong", "amber-ink", "red")
MARKS = ("rule", "amber", "high", "low", "middle")


def tokens(scheme):
    """Name -> sRGB (linear) of every colour, light or dark."""
    found = re.findall(
        r"--([\w-]+): light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\)",
        (ROOT / "static/css/tokens.css").read_text(),
    )
    return {name: linear(light if scheme == "light" else dark) for name, light, dark in found}


def linear(oklch):
    """OKLCH to linear sRGB, clipped to the gamut, as a browser does."""
    lightness, chroma, hue = (float(part) for part in oklch.split())
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    mid = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * mid + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * mid - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * mid + 1.7076147010 * short
    return tuple(min(max(part, 0.0), 1.0) for part in (red, green, blue))


def contrast(one, two):
    lights = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (one, two))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("surface", SURFACES)
def test_text_can_be_read_on_every_surface(scheme, surface):
    colours = tokens(scheme)
    for name in TEXT:
        assert contrast(colours[name], colours[surface]) >= 4.5, (scheme, name, surface)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("ink", "amber-wash"),
        ("ink", "red-wash"),
        ("amber-ink", "amber-wash"),
        ("ink", "risk-1"),
        ("ink", "risk-2"),
        ("ink", "risk-3"),
        ("ink", "risk-4"),
    ],
)
def test_text_can_be_read_on_its_own_ground(scheme, text, surface):
    colours = tokens(scheme)
    assert contrast(colours[text], colours[surface]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_stand_out_from_paper_and_field(scheme):
    colours = tokens(scheme)
    for name in MARKS:
        for surface in ("paper", "field"):
            assert contrast(colours[name], colours[surface]) >= 3, (scheme, name, surface)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_nothing_the_content_security_policy_refuses(template):
    text = template.read_text()
    assert not re.search(r"\sstyle=|<style|javascript:|\son[a-z]+=", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "nonce=" in script or "src=" in script


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheets_stay_in_their_layer_and_load_nothing(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    assert "url(" not in text and "@import" not in text
    assert f"@layer {sheet.stem} {{" in text
    if sheet.stem in ("components", "pages"):
        assert not re.findall(r"#[0-9a-f]{3,8}\b|oklch\(|rgb", text), "colours belong to tokens.css"


def test_scripts_are_few_short_and_our_own():
    assert len(SCRIPTS) == 8
    assert sum(len(script.read_text().splitlines()) for script in SCRIPTS) < 850
    for script in SCRIPTS:
        for module in re.findall(r'from "([^"]+)"', script.read_text()):
            name = module.removeprefix("deliberate/")
            assert (ROOT / "static/js" / name).is_file(), module
        assert "eval(" not in script.read_text() and "http://" not in script.read_text()


def test_every_sentence_of_the_frame_has_its_french():
    french = read_po((ROOT / "config/locale/fr/web.po").open("rb"), locale="fr")
    method = [("**.html", "jinja2"), ("**.svg", "jinja2")]
    options = {pattern: {"newstyle_gettext": "true", "silent": "false"} for pattern, _ in method}
    found = extract_from_dir(str(ROOT / "templates/web"), method_map=method, options_map=options)
    sentences = {said for name, _, said, _, _ in found if name in FRAME or name.startswith("_")}
    assert len(sentences) > 100
    missing = [s for s in sentences if not (entry := french.get(s)) or not all(entry.string or [""])]
    assert missing == []


def test_french_has_its_narrow_spaces():
    for message in read_po((ROOT / "config/locale/fr/web.po").open("rb"), locale="fr"):
        for said in message.string if isinstance(message.string, tuple) else [message.string]:
            if message.id:
                assert not re.search(r"[^\u202f][;!?]|[^\u202f\d]:(?!//)|« | »|'", said), said


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node 20")
def test_the_scripts_pass_their_own_tests():
    files = sorted(str(path) for path in Path(__file__).parent.glob("*.test.mjs"))
    outcome = subprocess.run(
        ["node", "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )
    assert outcome.returncode == 0, outcome.stdout[-3000:]
