"""Plays a whole assessment against a real server, as all of its people, with real clients."""

from deliberate.rehearsal.plan import Plan, Unexpected
from deliberate.rehearsal.report import summary
from deliberate.rehearsal.story import rehearse

__all__ = ["Plan", "Unexpected", "rehearse", "summary"]
