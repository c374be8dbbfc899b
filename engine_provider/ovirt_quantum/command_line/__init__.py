"""The commands beside `serve`: those that ask a running service are clients of its API, on any machine."""
