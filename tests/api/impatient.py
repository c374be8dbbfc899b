"""The service with little patience, as a process: what takes a minute otherwise is seen in a second.

python -m tests.api.impatient serve --config FILE --data DIR --listen HOST:PORT
"""

import argparse
from pathlib import Path

from msgspec import structs
from ovirt_quantum import serving
from ovirt_quantum.api.server import Limits
from ovirt_quantum.config import load

LIMITS = Limits(handshake_s=0.5, headers_s=0.5, body_s=0.5, idle_s=1, silent_s=1.0, stop_s=1)

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["serve"])
    for option in ("--config", "--data", "--listen"):
        parser.add_argument(option, required=True)
    asked = parser.parse_args()
    config = load(Path(asked.config))
    server = structs.replace(config.server, listen=asked.listen)
    serving.serve(structs.replace(config, data=asked.data, server=server), LIMITS)
