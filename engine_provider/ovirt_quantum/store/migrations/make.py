"""`make migration NAME="what changes"`: writes the schema's next step, from its history to what tables.py says now.

Read what it wrote: a renamed column looks like one dropped and one added. On MariaDB a step can be cut short between
two statements and is begun anew (repeatable.py), so that changes of rows must bear it too.
"""

import subprocess
import sys

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from . import configuration, upgrade


def make(what: str) -> list[str]:
    """Returns the files written. Raises ValueError where it is not said what changes."""
    if not what.strip():
        raise ValueError('say what changes: make migration NAME="ports have a colour"')
    with create_engine("sqlite://").connect() as connection:
        upgrade(connection)
        config = configuration(connection)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        steps = len(list(ScriptDirectory.from_config(config).walk_revisions()))
        written = command.revision(config, what, autogenerate=True, rev_id=f"{steps + 1:04}")
    return [script.path for script in (written if isinstance(written, list) else [written]) if script is not None]


if __name__ == "__main__":
    try:
        files = make(" ".join(sys.argv[1:]))
    except ValueError as error:
        sys.exit(f"migration: {error}")
    for command_line in (["format"], ["check", "--fix"]):
        subprocess.run([sys.executable, "-m", "ruff", *command_line, "--quiet", *files], check=True)
    print(*files, sep="\n")
