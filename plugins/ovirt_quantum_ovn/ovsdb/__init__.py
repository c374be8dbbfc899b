"""A small client of OVSDB: RFC 7047 and the extensions of ovsdb-server(7), one thread, no call without a bound.

    client = Client("OVN_Northbound", remotes.parse("ssl:a:6641,ssl:b:6641,ssl:c:6641"), Tls(key, certificate, ca))
    client.monitor({"NB_Global": Watched(["nb_cfg"])}, listener)
    client.start()
    client.transact([operations.insert("Logical_Switch", {"name": "blue"}, uuid=network_id)], timeout=5)

It keeps no replica but of the columns that are monitored. It repeats nothing: who gets OutcomeUnknown looks or repeats.
ovsdb-server must be 2.13 or later.
"""

from . import operations, remotes
from .client import Client
from .errors import (
    ConstraintViolated,
    DuplicateUuid,
    NotConnected,
    OutcomeUnknown,
    OvsdbError,
    RequestRefused,
    TransactionFailed,
    WaitFailed,
)
from .monitors import RowChange, Watched
from .operations import Condition, Mutation, Operation, Where, by_uuid
from .results import Result
from .tls import Tls
from .values import NamedUuid, Row, Uuid, Value, Writable, WritableRow

__all__ = [
    "Client",
    "Condition",
    "ConstraintViolated",
    "DuplicateUuid",
    "Mutation",
    "NamedUuid",
    "NotConnected",
    "Operation",
    "OutcomeUnknown",
    "OvsdbError",
    "RequestRefused",
    "Result",
    "Row",
    "RowChange",
    "Tls",
    "TransactionFailed",
    "Uuid",
    "Value",
    "WaitFailed",
    "Watched",
    "Where",
    "Writable",
    "WritableRow",
    "by_uuid",
    "operations",
    "remotes",
]
