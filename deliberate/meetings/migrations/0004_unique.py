"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations

ONCE = {
    "meetings_floor_request_one_waiting": (
        "meetings_floor_request (meeting_id, person_id) "
        "WHERE began_at IS NULL AND ended_at IS NULL AND withdrawn_at IS NULL"
    ),
    "meetings_floor_request_one_speaking": (
        "meetings_floor_request (meeting_id) WHERE began_at IS NOT NULL AND ended_at IS NULL"
    ),
    "meetings_speech_one_running": "meetings_speech (request_id) WHERE ended_at IS NULL",
    "meetings_item_stretch_one_running": "meetings_item_stretch (item_id) WHERE ended_at IS NULL",
    "meetings_adjournment_one_running": "meetings_adjournment (meeting_id) WHERE ended_at IS NULL",
    "meetings_proxy_one_in_force": "meetings_proxy (meeting_id, giver_id) WHERE ended_at IS NULL",
}


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_room")]

    operations = [
        operations.RunSQL(f"CREATE UNIQUE INDEX {name} ON {where}", reverse_sql=f"DROP INDEX {name}")
        for name, where in ONCE.items()
    ]
