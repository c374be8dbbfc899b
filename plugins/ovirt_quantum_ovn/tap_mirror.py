"""A tap mirror: a row for each direction (ovn-nb(5), Mirror), which its port's set of mirrors has.

The host where the port is makes a tunnel of each and copies packets into it.
"""

from ovirt_quantum.errors import Refused
from ovirt_quantum.model import TapMirror
from ovirt_quantum.plugin import TAP_MIRROR, DesiredTapMirror, Ref

from .rows import Extent, Place, Row, Wanted, derived, marked

RULES = "mirror_rules"
"""The column of a port's row that names its mirrors; others may add theirs."""
MOST_SESSIONS = 1023
"""The number of an ERSPAN session has ten bits."""
_FILTERS = {"IN": "to-lport", "OUT": "from-lport"}


def extent(id: str) -> Extent:
    return Extent(tuple(_mirror(id, way) for way in _FILTERS))


def wanted(desired: DesiredTapMirror, deployment: str) -> Wanted:
    """Raises Refused for what OVN can't send."""
    check(desired.mirror)
    return Wanted(rows(desired.mirror, deployment))


def rows(mirror: TapMirror, deployment: str) -> tuple[Row, ...]:
    kind = "gre" if mirror.mirror_type == "gre" else "erspan"
    marks = marked(deployment, Ref(TAP_MIRROR, mirror.id), mirror.name)
    return tuple(
        Row(
            _mirror(mirror.id, way),
            {
                "name": f"{mirror.id}-{way.lower()}",
                "filter": _FILTERS[way],
                "sink": str(mirror.remote_ip),
                "type": kind,
                "index": tunnel,
                "external_ids": marks,
            },
        )
        for way, tunnel in mirror.directions.items()
    )


def check(mirror: TapMirror) -> None:
    """Raises Refused as `wanted` does."""
    most = max(tunnel for _, tunnel in mirror.directions.items())
    if mirror.mirror_type == "erspanv1" and most > MOST_SESSIONS:
        raise Refused(f"directions: {most} is no number of an ERSPAN session: they end at {MOST_SESSIONS}")


def _mirror(id: str, way: str) -> Place:
    return Place("Mirror", derived(id, way))
