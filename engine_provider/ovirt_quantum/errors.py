"""What can go wrong, by who must act. The HTTP status of each class is said once, in api/errors.py."""

LONGEST = 1000
"""Characters of a message: a client's own megabyte is not sent back to it, nor written to the log."""


class QuantumError(Exception):
    """An error with Neutron's error type (what clients match on) and a sentence for a person.

    `kind` is the name that Neutron puts in `NeutronError.type` (neutron-lib, exceptions).
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message if len(message) <= LONGEST else f"{message[:LONGEST]}..."


class BadInput(QuantumError):
    """The client sent something that can never be right: mend the request."""


class Unauthorized(QuantumError):
    """The client is not who it says, or its token is no longer good: log in again."""


class Forbidden(QuantumError):
    """The client may not do this: ask an administrator for the role."""


class NotFound(QuantumError):
    """There is no such object that this client may see."""


class Conflict(QuantumError):
    """The request is right, but not in the present state: the client frees what is in the way, or waits."""


class PreconditionFailed(QuantumError):
    """The object changed since the client read it (If-Match): read it again."""


class TooLarge(QuantumError):
    """The body is larger than any right request: send less."""


class Unavailable(QuantumError):
    """This service cannot answer now: the operator acts, the client tries again later."""


class Refused(Conflict):
    """A plugin's veto: the object as wanted can't be realised by it. Raised by `Plugin.check`."""

    def __init__(self, message: str) -> None:
        super().__init__("PluginRefused", message)
