"""How many sockets a person has open, in all processes together.

Each process keeps one hash of its own in Redis, person: sockets, which is gone soon after its process is.
Without Redis each process counts its own.
"""

import asyncio
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from deliberate.live.hub import Hub

KEEP_SECONDS = 4
LIFE_SECONDS = 12  # of the word of a process that does not say it any more


class Seats:
    def __init__(self, redis: Any, prefix: str, name: str, hub: Hub) -> None:
        self.redis: Redis = redis
        self.prefix, self.name, self.hub = prefix, name, hub
        self.others: list[str] = []  # processes that were alive a moment ago

    def key(self, name: str) -> str:
        return f"{self.prefix}:sockets:{name}"

    async def elsewhere(self, person_id: int) -> int:
        """The sockets of this person in the other processes; 0 while nobody can say."""
        if not self.others:
            return 0
        try:
            async with self.redis.pipeline(transaction=False) as asked:
                for name in self.others:
                    asked.hget(self.key(name), str(person_id))
                return sum(int(found or 0) for found in await asked.execute())
        except (RedisError, OSError, TimeoutError):
            return 0

    async def note(self, person_id: int) -> None:
        """After a socket came or went: how many this process has of that person now."""
        own = len(self.hub.by_person.get(person_id, ()))
        try:
            async with self.redis.pipeline(transaction=False) as said:
                if own:
                    said.hset(self.key(self.name), str(person_id), str(own))
                else:
                    said.hdel(self.key(self.name), str(person_id))
                await said.execute()
        except (RedisError, OSError, TimeoutError):
            pass  # `keep` says it again

    async def keep(self) -> None:
        """Says that we are alive and who sits here, and hears who else is. A flushed Redis learns it anew."""
        while True:
            now = time.time()
            counts: dict[Any, Any] = {str(person): len(found) for person, found in self.hub.by_person.items()}
            try:
                async with self.redis.pipeline(transaction=True) as said:
                    said.delete(self.key(self.name))
                    if counts:
                        said.hset(self.key(self.name), mapping=counts)
                        said.expire(self.key(self.name), LIFE_SECONDS)
                    said.zadd(self.key("alive"), {self.name: now + LIFE_SECONDS})
                    said.zremrangebyscore(self.key("alive"), "-inf", now)
                    said.zrange(self.key("alive"), 0, -1)
                    alive = (await said.execute())[-1]
                self.others = [name for name in alive if name != self.name]
            except (RedisError, OSError, TimeoutError):
                self.others = []
            await asyncio.sleep(KEEP_SECONDS)

    async def give_back(self) -> None:
        await self.redis.delete(self.key(self.name))
        await self.redis.zrem(self.key("alive"), self.name)
