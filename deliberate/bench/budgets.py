"""How many queries a page may make, with nothing kept from earlier requests: the tests look, too."""

MOST = 25
# Pages that may ask more, because every domain adds its section to them. They are counted with nothing kept:
# a question's discussion is made once for all readers.
MORE = {
    "/questions/{question_id:int}": 34,  # dossier, opinions, discussion, votes, meetings
}


def budget_of(path: str) -> int:
    """`path` is the route's, with its parameters as they are declared."""
    return MORE.get(path, MOST)
