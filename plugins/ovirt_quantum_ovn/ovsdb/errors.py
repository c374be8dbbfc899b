"""What can go wrong with a request, by what its caller knows afterwards."""


class OvsdbError(Exception):
    """A request that did not succeed. Its text is a sentence for the administrator."""


class NotConnected(OvsdbError):
    """Nothing was sent, so nothing was changed; no server could be reached in time."""


class OutcomeUnknown(OvsdbError):
    """The request was sent and its answer never came: it may have been carried out or not. Look, or do it again."""


class RequestRefused(OvsdbError):
    """The server refused the request as a whole; nothing was changed."""


class TransactionFailed(RequestRefused):
    """One operation failed, so that none of the transaction was done.

    index: which, from 0; None where no single one is to blame, but a constraint checked when all had been done.
    error, details: the server's words; `error` is one of RFC 7047's (sections 3.1 and 5.2) or of ovsdb-server(7).
    """

    def __init__(self, index: int | None, operation: str, error: str, details: str) -> None:
        where = "the whole transaction" if index is None else f"operation {index} ({operation})"
        super().__init__(f"{where}: {error}{': ' if details else ''}{details}")
        self.index = index
        self.operation = operation
        self.error = error
        self.details = details


class ConstraintViolated(TransactionFailed):
    """The contents of the database would have broken its schema: a reference to no row, an index, a range."""


class DuplicateUuid(TransactionFailed):
    """A row with the chosen uuid is there already, or was deleted by this very transaction."""


class WaitFailed(TransactionFailed):
    """What a `wait` operation waited for did not come true in its time."""
