"""Who hears a topic: what create_app is told by each domain."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Audience:
    """The journal a topic lives in, and the class of readers a person belongs to:

    parts are rendered once for each.
    """

    journal: int
    name: str  # "chair", "member", "secretariat", "public"


def split_topic(topic: str) -> tuple[str, int] | None:
    """("meeting", 12) of "meeting-12"; None when it is not a topic."""
    kind, _, ident = topic.rpartition("-")
    return (kind, int(ident)) if kind and ident.isascii() and ident.isdigit() and len(ident) < 10 else None
