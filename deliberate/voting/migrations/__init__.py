"""Additive steps only; see the recipe in live.database."""
