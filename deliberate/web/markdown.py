"""Markdown that people write, as HTML that cannot harm: no raw HTML, then an allow-list, no remote images."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "a",
    "h3",
    "h4",
    "h5",
    "hr",
} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")


def parse(text: str) -> list[Token]:
    """The text as it is understood, for whoever draws it on something else than a page."""
    return _parser.parse(text)


def to_html(text: str) -> Markup:
    """Safe HTML of a text in Markdown; its headings start at level 3."""
    html = _parser.render(text)
    for level in (2, 1):  # the page has its own h1 and h2
        html = html.replace(f"<h{level}>", "<h3>").replace(f"</h{level}>", "</h3>")
    return Markup(  # noqa: S704 - this is the sanitised text
        nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    )
