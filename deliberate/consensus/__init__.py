"""Decision rules and statistics of rating panels and committees, as pure functions.

Values in, results out: no database, no web, no clock, and nothing else of Deliberate. METHODS.md is the
specification.
"""
