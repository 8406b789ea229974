"""The base of all models: that of the ORM, made without looking for comments.

Tortoise reads the source of every model at its import for descriptions of fields, written as comments of a
kind of its own. We write none, and looking for them takes a fifth of what a process needs to start.
"""

from tortoise import models
from tortoise.models import Model

__all__ = ["Model"]

models._get_comments = lambda cls: {}
