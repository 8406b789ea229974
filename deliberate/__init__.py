"""Deliberate: the deliberation of a health assessment, and the consensus record that comes out of it."""

__version__ = "0.1.0"
