"""How many sockets a person has open, in all processes together.

Each process keeps one hash of its own in Redis, person: sockets, which is gone soon after its process is; on
the same machine it does not count from that moment on, or workers that die one after another would keep
people out. Without Redis each process counts its own.
"""

import asyncio
import os
import socket
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from deliberate.live.hub import Hub

KEEP_SECONDS = 4
ANSWER_SECONDS = 0.5
LIFE_SECONDS = 12  # of the word of a process that does not say it any more


def this_machine() -> str:
    """Where our process numbers hold: a container has its own."""
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def is_gone(name: str) -> bool:
    """Whether this process was one of our machine, and has ended."""
    parts = name.rsplit("/", 2)
    if len(parts) < 3 or parts[0] != this_machine():  # another machine's, or of an earlier version
        return False
    try:
        os.kill(int(parts[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Seats:
    def __init__(self, redis: Any, prefix: str, name: str, hub: Hub) -> None:
        self.redis: Redis = redis
        self.name = f"{this_machine()}/{os.getpid()}/{name}"
        self.prefix, self.hub = prefix, hub
        self.others: list[str] = []  # processes that were alive a moment ago
        self.changed: set[int] = set()
        self.has_changed = asyncio.Event()

    def key(self, name: str) -> str:
        return f"{self.prefix}:sockets:{name}"

    async def elsewhere(self, person_id: int) -> int:
        """The sockets of this person in the other processes; 0 while nobody can say. Nobody waits for it."""
        others = [name for name in self.others if not is_gone(name)]
        if not others or self.hub.is_deaf:
            return 0
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self.redis.pipeline(transaction=False) as asked:
                for name in others:
                    asked.hget(self.key(name), str(person_id))
                return sum(int(found or 0) for found in await asked.execute())
        except (RedisError, OSError, TimeoutError):
            return 0

    def note(self, person_id: int) -> None:
        """A socket of this person came or went."""
        self.changed.add(person_id)
        self.has_changed.set()

    async def keep(self) -> None:
        """Says who sits here, as it changes, and now and then that we are alive, and hears who else is."""
        while True:
            try:
                await self.say_all()
                async with asyncio.timeout(KEEP_SECONDS):
                    while True:
                        await self.has_changed.wait()
                        await self.say_changed()
            except TimeoutError:
                continue
            except (RedisError, OSError):
                self.others = []
                await asyncio.sleep(1)

    async def say_changed(self) -> None:
        self.has_changed.clear()
        changed, self.changed = self.changed, set()
        async with self.redis.pipeline(transaction=False) as said:
            for person_id in changed:
                if own := len(self.hub.by_person.get(person_id, ())):
                    said.hset(self.key(self.name), str(person_id), str(own))
                else:
                    said.hdel(self.key(self.name), str(person_id))
            said.expire(self.key(self.name), LIFE_SECONDS)
            await said.execute()

    async def say_all(self) -> None:
        """The whole of it: a flushed Redis learns it anew."""
        now = time.time()
        counts: dict[Any, Any] = {str(person): len(found) for person, found in self.hub.by_person.items()}
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

    async def give_back(self) -> None:
        await self.redis.delete(self.key(self.name))
        await self.redis.zrem(self.key("alive"), self.name)
