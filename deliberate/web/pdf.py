"""PDF by Typst: a template of ours, and data that it only prints. Knows no domain.

What people wrote goes in as JSON and Markdown as a tree (`blocks_of`): never as Typst source, so nothing in
it is evaluated. The files a template can read are those of the templates folder.
"""

import asyncio
import json
import re
from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from markdown_it.tree import SyntaxTreeNode

from deliberate.settings import data_path
from deliberate.web.markdown import parse

# Archival (PDF/A-3a, with tags) and accessible (PDF/UA-1): Typst refuses what would break either.
STANDARDS = ["a-3a", "ua-1"]
DEEPEST = 6  # levels of lists and quotations that are drawn; what stands deeper is drawn at that level
LONG_WORD = re.compile(r"\S{60}(?=\S)")
Levels = Generator[int, int, None]
_few_at_a_time = asyncio.Semaphore(2)  # each takes a core for a moment


async def make_pdf(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """`template` (a path in the templates folder) with `data`: the same bytes for the same arguments.

    `at` is the date the document bears. Call it outside any transaction: it takes its time.
    """
    async with _few_at_a_time:
        return await asyncio.to_thread(compiled, data_path("templates"), template, data, at)


def compiled(root: Path, template: str, data: Mapping[str, Any], at: datetime) -> bytes:
    sent = {**data, "date": {"year": at.year, "month": at.month, "day": at.day}}
    inputs = {"data": json.dumps(sent, ensure_ascii=False, sort_keys=True)}
    try:
        return written(root, template, inputs, at, STANDARDS)
    except typst.TypstError:
        # A sign that no font has breaks both standards: it is drawn as an empty box rather than refused.
        return written(root, template, inputs, at, None)


def written(
    root: Path, template: str, inputs: dict[str, str], at: datetime, standards: list[str] | None
) -> bytes:
    found: bytes = typst.compile(
        str(root / template),
        root=str(root),
        ignore_system_fonts=True,  # other machines have others: the bytes would differ
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=standards,
        timestamp=int(at.timestamp()),
    )
    return found


def blocks_of(text: str, level: int = 3) -> list[dict[str, Any]]:
    """Markdown as a tree of {"is": kind, …}, the same reading as on the page; headings from `level` on.

    A heading is at most one level below the one before it, as PDF/UA asks.
    """
    levels = iter_levels(level)
    next(levels)
    return [block for node in SyntaxTreeNode(parse(text)).children for block in block_of(node, levels, 1)]


def iter_levels(level: int) -> Generator[int, int, None]:
    """Send the level that was written, receive the one that is drawn."""
    deepest, drawn = level, level
    while True:
        wanted = yield drawn
        drawn = max(level, min(wanted, deepest))
        deepest = min(drawn + 1, 6)


def block_of(node: SyntaxTreeNode, levels: Levels, depth: int) -> list[dict[str, Any]]:
    kind = node.type
    if kind == "paragraph":
        return [{"is": "paragraph", "runs": runs_of(node.children)}]
    if kind == "heading":
        return [
            {"is": "heading", "level": levels.send(int(node.tag[1:])), "runs": runs_of(node.children)},
        ]
    if kind in ("fence", "code_block"):
        return [{"is": "code", "text": breakable(node.content.rstrip("\n"))}]
    if kind == "hr":
        return [{"is": "rule"}]
    if kind == "table":
        return [table_of(node)]
    inner = [blocks_in(child, levels, depth + 1) for child in node.children]
    if kind in ("bullet_list", "ordered_list"):
        if depth > DEEPEST:
            return [block for item in inner for block in item]
        start = int(node.attrs.get("start", 1)) if kind == "ordered_list" else None
        return [{"is": "list", "start": start, "items": inner}]
    if kind == "blockquote" and depth <= DEEPEST:
        return [{"is": "quote", "blocks": [block for blocks in inner for block in blocks]}]
    return [block for blocks in inner for block in blocks]


def blocks_in(node: SyntaxTreeNode, levels: Levels, depth: int) -> list[dict[str, Any]]:
    if node.type == "list_item":
        return [block for child in node.children for block in block_of(child, levels, depth)]
    return block_of(node, levels, depth)


def table_of(node: SyntaxTreeNode) -> dict[str, Any]:
    rows = [
        [runs_of(cell.children) for cell in row.children] for part in node.children for row in part.children
    ]
    return {"is": "table", "head": rows[0], "rows": rows[1:]}


def runs_of(nodes: Sequence[SyntaxTreeNode]) -> list[dict[str, Any]]:
    return [run for node in nodes for run in run_of(node)]


def run_of(node: SyntaxTreeNode) -> list[dict[str, Any]]:
    kind = node.type
    if kind == "inline":
        return runs_of(node.children)
    if kind in ("softbreak", "hardbreak"):
        return [{"is": "break"} if kind == "hardbreak" else {"is": "text", "text": " "}]
    if kind == "code_inline":
        return [{"is": "code", "text": breakable(node.content)}]
    if kind in ("em", "strong"):
        return [{"is": kind, "runs": runs_of(node.children)}]
    if kind == "link":
        return [{"is": "link", "href": str(node.attrs.get("href", "")), "runs": runs_of(node.children)}]
    return [{"is": "text", "text": breakable(node.content)}] if node.content else runs_of(node.children)


def breakable(text: str) -> str:
    """A word longer than a line may be broken, for a PDF has a limit to how far out something stands."""
    return LONG_WORD.sub("\\g<0>\u200b", text)
