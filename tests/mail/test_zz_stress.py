import pytest
from tests.mail.test_outbox import *
@pytest.mark.parametrize("n", range(40))
async def test_many(mailbox, database, n):
    await test_the_worker_runs_beside_the_requests_and_stops_with_them(mailbox, database)
