"""The test suite. `make test` runs it whole; `pytest -k sqlite` leaves PostgreSQL out."""
