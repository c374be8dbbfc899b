"""What a transaction's operations gave; every one of them is checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from .errors import ConstraintViolated, DuplicateUuid, TransactionFailed, WaitFailed
from .operations import Operation
from .schema import Schema
from .stream import Malformed
from .values import Row, Uuid

_FAILURES: dict[str, type[TransactionFailed]] = {
    "constraint violation": ConstraintViolated,
    "referential integrity violation": ConstraintViolated,
    "duplicate uuid": DuplicateUuid,
    "timed out": WaitFailed,
}


@dataclass(frozen=True)
class Result:
    """Of one operation. uuid: the row that was inserted; count: rows that were meant; rows: those selected."""

    uuid: Uuid | None = None
    count: int = 0
    rows: Sequence[Row] = ()


class _Answer(msgspec.Struct):
    uuid: tuple[str, str] | None = None
    count: int = 0
    rows: list[dict[str, Any]] = []
    error: str | None = None
    details: str = ""


_DECODER = msgspec.json.Decoder(list[_Answer | None])


def read(operations: Sequence[Operation], schema: Schema, answer: bytes | msgspec.Raw) -> list[Result]:
    """The results, one an operation. Raises TransactionFailed, or Malformed where it is no answer to these."""
    try:
        answers = _DECODER.decode(answer)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Malformed(f"an answer to a transaction that can't be read: {error}") from error
    for index, one in enumerate(answers):
        if one is not None and one.error is not None:
            raise _failure(index, operations, one.error, one.details)
    done = [one for one in answers if one is not None]
    if not len(done) == len(answers) == len(operations):
        raise Malformed(f"{len(done)} results for {len(operations)} operations")
    try:
        return [_result(*pair, schema) for pair in zip(operations, done, strict=True)]
    except ValueError as error:
        raise Malformed(f"a result that can't be read: {error}") from error


def _result(operation: Operation, answer: _Answer, schema: Schema) -> Result:
    kind = operation.wire["op"]
    if kind == "insert":
        if answer.uuid is None:
            raise ValueError("an insert without a uuid")
        return Result(uuid=Uuid(answer.uuid[1]), count=1)
    if kind == "select":
        rows = [schema.decode_row(operation.table, row) for row in answer.rows]
        return Result(count=len(rows), rows=rows)
    return Result(count=answer.count)


def _failure(index: int, operations: Sequence[Operation], error: str, details: str) -> TransactionFailed:
    """An element after the last operation's is about constraints that are checked at the end (RFC 7047, 4.1.3)."""
    kind = _FAILURES.get(error, TransactionFailed)
    if index < len(operations):
        return kind(index, str(operations[index]), error, details)
    return kind(None, "", error, details)
