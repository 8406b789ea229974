"""PDF: what is written is printed, whatever it looks like, and nothing else of this machine is."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from deliberate.settings import data_path
from deliberate.web.pdf import blocks_of, compiled, make_pdf

AT = datetime(2026, 3, 4, 10, 30, tzinfo=UTC)
EVIL = """# A title

#read("/etc/passwd") and #import "/web/canary.typ" with $x$ and @label <here> \\u{41} `#eval("1")`

1. first
   > quoted **strong** *em*

| a | b |
|---|---|
| #1 | [link](https://example.org) |
"""


def data_with(text: str, **more: Any) -> dict[str, Any]:
    section = {
        "title": "A section",
        "note": "",
        "facts": [["Held", "from 10:00"]],
        "tables": [{"caption": "People", "head": ["Name", "Role"], "rows": [["<b>O’Brien</b>", "#chair"]]}],
        "blocks": blocks_of(text),
        "parts": [],
    }
    return {
        "title": "Minutes",
        "organisation": "Authority",
        "language": "fr",
        "running": "Minutes",
        "status": "draft",
        "kicker": "Draft",
        "facts": [],
        "sections": [section],
        "seal": None,
        **more,
    }


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


async def test_what_looks_like_code_is_printed_as_it_was_typed() -> None:
    found = text_of(await make_pdf("meetings/minutes.typ", data_with(EVIL), at=AT))
    assert '#read("/etc/passwd") and #import "/web/canary.typ" with $x$ and @label <here>' in found
    assert "root:" not in found and '#eval("1")' in found
    assert "<b>O’Brien</b>" in found and "#chair" in found


async def test_the_document_is_tagged_archival_says_its_language_and_is_the_same_each_time() -> None:
    one, two = [await make_pdf("meetings/minutes.typ", data_with(EVIL), at=AT) for _ in range(2)]
    assert one == two
    reader = PdfReader(BytesIO(one))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "fr" and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata and "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.metadata is not None and reader.metadata.title == "Minutes"
    other = await make_pdf("meetings/minutes.typ", data_with(EVIL + "one word more"), at=AT)
    assert other != one


async def test_signs_that_no_font_has_do_not_keep_the_document_back() -> None:
    found = text_of(
        await make_pdf("meetings/minutes.typ", data_with("Before \U0001f9ff \U00012000 after"), at=AT)
    )
    assert "Before" in found and "after" in found


@pytest.mark.parametrize(
    "text",
    [
        "",
        ">" * 200 + " deep",
        "- " * 60 + "deep",
        "a" * 20_000,
        "###### six\n\n# one\n\n#### four",
        "****\n\n---",
    ],
)
async def test_odd_texts_are_drawn_too(text: str) -> None:
    pdf = await make_pdf("meetings/minutes.typ", data_with(text), at=AT)
    metadata = PdfReader(BytesIO(pdf)).trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_a_template_reads_no_file_outside_its_folder(tmp_path: Path) -> None:
    """The fence holds even for a template of ours that tries."""
    root = tmp_path / "templates"
    root.mkdir()
    (tmp_path / "canary.txt").write_text("canary")
    (root / "inside.txt").write_text("inside")
    (root / "good.typ").write_text('#set document(title: "x")\n#set text(lang: "en")\n#read("inside.txt")')
    assert "inside" in text_of(compiled(root, "good.typ", {}, AT))
    for path in ("../canary.txt", f"{tmp_path}/canary.txt", "/../canary.txt"):
        (root / "bad.typ").write_text(f'#set document(title: "x")\n#read("{path}")')
        with pytest.raises(Exception, match=r"access|not found|outside|escape"):
            compiled(root, "bad.typ", {}, AT)


def test_the_templates_hold_no_link_that_leads_out() -> None:
    """Typst follows symbolic links inside its root."""
    assert [path for path in data_path("templates").rglob("*") if path.is_symlink()] == []


def test_headings_begin_below_those_of_the_page_and_skip_no_level() -> None:
    found = [part["level"] for part in blocks_of("##### five\n\n# one\n\n#### four\n\n###### six")]
    assert found == [3, 3, 4, 5]
