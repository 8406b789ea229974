"""`deliberate analyse`: the consensus statistics of any panel's ratings, with no server and no database."""
