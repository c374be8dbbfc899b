"""The commands that ask a running service: each is a client of its API, on any machine."""
