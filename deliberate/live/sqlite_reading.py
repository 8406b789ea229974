"""The SQLite connection that only reads: every statement runs where it is asked, see `sqlite_immediate`."""

from deliberate.live.sqlite_immediate import ImmediateClient, InPlace


class ReadingClient(InPlace, ImmediateClient):
    pass


client_class = ReadingClient
