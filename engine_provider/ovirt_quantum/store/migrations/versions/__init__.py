"""The schema's history. `make migration` writes the next step from the difference to tables.py."""
