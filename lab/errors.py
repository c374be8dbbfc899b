"""The one error of the lab."""


class LabError(Exception):
    """Something of the lab did not work; the message says what, where and what to do about it."""
