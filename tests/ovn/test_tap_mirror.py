"""Tap mirrors as OVN's."""

from typing import Any, Literal

import pytest
from ovirt_quantum.errors import Refused
from ovirt_quantum.model import Directions, TapMirror
from ovirt_quantum.model.types import IpAddress, Uuid
from ovirt_quantum_ovn import tap_mirror

DEPLOYMENT = "11111111-1111-4111-8111-111111111111"


def made(kind: Literal["gre", "erspanv1"], **ways: int) -> TapMirror:
    port = Uuid("8b5c55f9-64d1-4f5e-b545-88eef654a032")
    return TapMirror(port_id=port, remote_ip=IpAddress("192.0.2.9"), mirror_type=kind, directions=Directions(**ways))


def test_a_row_a_direction() -> None:
    """IN is what the switch sends to the port."""
    mirror = made("gre", to_vm=101, from_vm=102)
    rows = tap_mirror.rows(mirror, DEPLOYMENT)
    assert [row.place for row in rows] == list(tap_mirror.extent(mirror.id).places)
    columns: list[Any] = [row.columns for row in rows]
    assert [(each["filter"], each["index"]) for each in columns] == [("to-lport", 101), ("from-lport", 102)]
    assert {(each["type"], each["sink"]) for each in columns} == {("gre", "192.0.2.9")}
    assert len({each["name"] for each in columns}) == 2


def test_an_erspan_sessions_number_has_ten_bits() -> None:
    """GRE's key has 32."""
    tap_mirror.check(made("erspanv1", to_vm=1023))
    tap_mirror.check(made("gre", to_vm=4_294_967_295))
    with pytest.raises(Refused, match="1024"):
        tap_mirror.check(made("erspanv1", to_vm=1024))
