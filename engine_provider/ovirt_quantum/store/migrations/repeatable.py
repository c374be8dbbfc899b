"""MariaDB commits each schema statement by itself, so a crash can leave a step half done. Each is made to bear being
run again; then the step, begun anew by the next start, does what is left. The others roll the whole step back."""

import re
from typing import Any

from sqlalchemy import Connection, event

_MAKES = re.compile(r"^(\s*CREATE (?:TABLE|(?:UNIQUE )?INDEX)|\s*ALTER TABLE \S+ ADD COLUMN) (?!IF )")
_REMOVES = re.compile(
    r"^(\s*DROP (?:TABLE|INDEX)|\s*ALTER TABLE \S+ DROP (?:COLUMN|CONSTRAINT|FOREIGN KEY|INDEX)) (?!IF )"
)


def make_repeatable(connection: Connection) -> None:
    """From now on, for this connection. Constraints and new names are not covered: tests/store/test_migrations.py
    shows whether a new step can be cut anywhere."""
    if connection.dialect.name == "mariadb":
        event.listen(connection, "before_cursor_execute", _again, retval=True)


def _again(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> tuple[str, Any]:
    return _REMOVES.sub(r"\1 IF EXISTS ", _MAKES.sub(r"\1 IF NOT EXISTS ", statement)), parameters
