"""Usual agendas: what the secretariat keeps of an agenda for the meetings to come. Part of `models`."""

from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.live.model import Model


class UsualAgenda(Model):
    """The items of an agenda under a name, without a meeting."""

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField(
        "assessments.Assessment", on_delete=fields.RESTRICT, related_name=False
    )
    assessment_id: int
    name = fields.CharField(max_length=120)  # unique (assessment, name)
    lines: list[dict[str, Any]] = fields.JSONField()  # bringing.NewItem, each as JSON, in reading order
    saved_at: datetime = fields.DatetimeField()
    saved_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    saved_by_id: int

    class Meta:
        table = "meetings_usual_agenda"


async def usual_agendas_of(assessment_id: int) -> list[UsualAgenda]:
    """By name."""
    rows = UsualAgenda.filter(assessment_id=assessment_id).order_by("name", "id")
    return await rows.select_related("saved_by")
