"""One host's Open vSwitch database: the seam to the untyped IDL library. Belongs to one thread."""

import json
import select
import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import ovs.db.idl
import ovs.poller

from .qos import Limit
from .schema import schema
from .tls import TlsStream
from .wiring import Interface, Wiring

# The library's default is select(2), which fails from file descriptor 1024 on.
ovs.poller.SelectPoll = select.poll

MARK = "ovirt-quantum"
CARRIED_MARK = "PortData"
"""What libvirt copies to the interface on a live migration's destination before the VM runs there (libvirt source:
virNetDevOpenvswitchGetMigrateData, virNetDevOpenvswitchSetMigrateData)."""
POLICED = "ovirt-quantum-policing"
PLAIN_TYPE = "ovirt-quantum-type"
NOWHERE = "ovirt-quantum-cut-off"
"""The peer of a patch port that leads nowhere; it shows in Interface.error, where an operator looks."""

PROBE_INTERVAL = 5000
"""Milliseconds of silence after which a host is asked whether it is alive, and again until it is given up."""

SPOILT = Limit(0)
"""Stands for settings of ours that somebody changed: equal to no limit that is ever wanted."""

Edit = tuple[Interface, Wiring]
"""An interface, and what its wiring shall become."""


class Database:
    """A replica of the little that is needed; dials, and dials again with back-off, up to 8 s."""

    def __init__(self, remote: str, deployment: str) -> None:
        self._remote = remote
        self._deployment = deployment
        helper = ovs.db.idl.SchemaHelper(schema_json=schema())
        helper.register_all()
        self._idl = ovs.db.idl.Idl(remote, helper, PROBE_INTERVAL, leader_only=False)
        for column in ("next_cfg", "cur_cfg"):
            self._idl.tables["Open_vSwitch"].columns[column].alert = False

    @property
    def connected(self) -> bool:
        """Whether the replica is the host's present state."""
        idl = self._idl
        return bool(idl.state == idl.IDL_S_MONITORING and idl._session.is_connected())

    @property
    def version(self) -> int:
        """Another number whenever the replica has changed."""
        return int(self._idl.change_seqno)

    @property
    def failure(self) -> str:
        """Why the host can't be reached, as far as it is known; else ""."""
        return TlsStream.failures.get(self._remote, "")

    def run(self) -> None:
        """Takes what has come; never waits (but for the resolution of a host's name)."""
        self._idl.run()

    def wait(self, wakeup: int) -> None:
        """Waits until there is something to `run` for, or the file descriptor `wakeup` is readable."""
        poller = ovs.poller.Poller()
        self._idl.wait(poller)
        poller.fd_wait(wakeup, ovs.poller.POLLIN)
        poller.block()

    def close(self) -> None:
        self._idl.close()

    def interfaces(self) -> list[Interface]:
        """Every interface that says which port it is (external_ids:iface-id)."""
        found = []
        for bridge in self._rows("Bridge"):
            for port in bridge.ports:
                for interface in port.interfaces:
                    if port_id := _port_id(interface):
                        found.append(self._interface(bridge, port, interface, port_id))
        return found

    def has_litter(self) -> bool:
        """Whether there are QoS or Queue rows of ours which nothing refers to: libvirt unplugs and leaves them."""
        return any(True for _ in self._litter("QoS")) or any(True for _ in self._litter("Queue"))

    def write(self, edits: Sequence[Edit], deadline: float) -> str | None:
        """Makes all edits in one transaction and has ovs-vswitchd take them up. Returns what went wrong.

        Takes no longer than until `deadline` (monotonic seconds).
        """
        transaction = ovs.db.idl.Transaction(self._idl)
        transaction.add_comment(f"{MARK} {self._deployment}")
        ports = {row.uuid: port for port in self._rows("Port") for row in port.interfaces}
        for seen, wiring in edits:
            interface = self._idl.tables["Interface"].rows.get(seen.row)
            if interface is not None and seen.row in ports:
                self._rewire(transaction, ports[seen.row], interface, seen.wiring, wiring)
        self._sweep()
        switch = next(iter(self._rows("Open_vSwitch")))
        switch.increment("next_cfg")
        failed = self._commit(transaction, deadline)
        return failed or self._take_up(switch, transaction.get_increment_new_value(), deadline)

    def _commit(self, transaction: Any, deadline: float) -> str | None:
        while (status := transaction.commit()) == transaction.INCOMPLETE:
            if time.monotonic() >= deadline:
                transaction.abort()
                return "its Open vSwitch database does not answer"
            self._run_by(deadline)
        if status in (transaction.SUCCESS, transaction.UNCHANGED):
            return None
        if status == transaction.TRY_AGAIN:
            return "the connection to its Open vSwitch database was lost"
        return f"its Open vSwitch database refused: {_reason(transaction.get_error())}"

    def _take_up(self, switch: Any, config: int, deadline: float) -> str | None:
        while switch.cur_cfg < config:
            if time.monotonic() >= deadline or not self.connected:
                return "ovs-vswitchd does not take up the change; see that it runs"
            self._run_by(deadline)
        return None

    def _run_by(self, deadline: float) -> None:
        poller = ovs.poller.Poller()
        self._idl.wait(poller)
        poller.timer_wait(max(1, int((deadline - time.monotonic()) * 1000)))
        poller.block()
        self.run()

    def _rows(self, table: str) -> Iterable[Any]:
        return list(self._idl.tables[table].rows.values())

    def _interface(self, bridge: Any, port: Any, row: Any, port_id: str) -> Interface:
        wiring = self._wiring(port, row)
        ids = row.external_ids
        in_use = ids.get("iface-status", "active") == "active" and _one(row.link_state, "") == "up"
        return Interface(
            row=row.uuid,
            name=row.name,
            port_id=port_id,
            bridge=bridge.name,
            user_space=bridge.datapath_type == "netdev",
            up=in_use and _one(row.ofport, -1) > 0 and not wiring.cut,
            wiring=wiring,
        )

    def _wiring(self, port: Any, row: Any) -> Wiring:
        limited = Limit(row.ingress_policing_rate, row.ingress_policing_burst)
        return Wiring(
            mark=row.external_ids.get(MARK, ""),
            carried=row.external_ids.get(CARRIED_MARK, ""),
            tag=_one(port.tag, None),
            vlan_mode=_one(port.vlan_mode, ""),
            trunks=tuple(sorted(port.trunks)),
            cut=row.type == "patch" and row.options.get("peer") == NOWHERE,
            policing=limited if POLICED in row.external_ids else None,
            shaping=self._shaping(_one(port.qos, None)),
        )

    def _shaping(self, qos: Any) -> Limit | None:
        if qos is None or not self._is_ours(qos):
            return None
        queue = qos.queues.get(0)
        if queue is None or qos.type != "linux-htb":
            return SPOILT
        limit = Limit(*(int(queue.other_config.get(key, 0)) // 1000 for key in ("max-rate", "burst")))
        same = (qos.other_config, queue.other_config) == (_htb(Limit(limit.kbps)), _htb(limit))
        return limit if same else SPOILT

    def _is_ours(self, row: Any) -> bool:
        return bool(row.external_ids.get(MARK) == self._deployment)

    def _rewire(self, transaction: Any, port: Any, row: Any, old: Wiring, new: Wiring) -> None:
        _write_vlan(port, old, new)
        _write_cut(row, old, new)
        _write_policing(row, old, new)
        if old.mark != new.mark:
            _write_id(row, MARK, new.mark)
        if old.carried != new.carried:
            _write_id(row, CARRIED_MARK, new.carried)
        if old.shaping != new.shaping:
            port.qos = [] if new.shaping is None else [self._make_qos(transaction, new.shaping)]

    def _make_qos(self, transaction: Any, limit: Limit) -> Any:
        queue = transaction.insert(self._idl.tables["Queue"])
        queue.other_config = _htb(limit)
        queue.external_ids = {MARK: self._deployment}
        qos = transaction.insert(self._idl.tables["QoS"])
        qos.type = "linux-htb"
        qos.other_config = _htb(Limit(limit.kbps))
        qos.queues = {0: queue}
        qos.external_ids = {MARK: self._deployment}
        return qos

    def _sweep(self) -> None:
        for table in ("QoS", "Queue"):
            for row in list(self._litter(table)):
                row.delete()

    def _litter(self, table: str) -> Iterable[Any]:
        if table == "QoS":
            used = {qos.uuid for port in self._rows("Port") for qos in port.qos}
        else:
            used = {queue.uuid for qos in self._rows("QoS") for queue in qos.queues.values()}
        return (row for row in self._rows(table) if self._is_ours(row) and row.uuid not in used)


def _write_vlan(port: Any, old: Wiring, new: Wiring) -> None:
    if old.tag != new.tag:
        port.tag = [] if new.tag is None else [new.tag]
    if old.vlan_mode != new.vlan_mode:
        port.vlan_mode = [new.vlan_mode] if new.vlan_mode else []
    if old.trunks != new.trunks:
        port.trunks = list(new.trunks)


def _write_cut(row: Any, old: Wiring, new: Wiring) -> None:
    """A VLAN is no prison: two access ports of VLAN 4095 do hear each other, and trunks carry it to other hosts."""
    if old.cut == new.cut:
        return
    if new.cut:
        if row.type != "patch":
            _write_id(row, PLAIN_TYPE, row.type)
        row.type = "patch"
        row.setkey("options", "peer", NOWHERE)
    else:
        row.type = row.external_ids.get(PLAIN_TYPE, "")
        row.delkey("options", "peer")
        row.delkey("external_ids", PLAIN_TYPE)


def _write_policing(row: Any, old: Wiring, new: Wiring) -> None:
    if old.policing == new.policing:
        return
    limit = new.policing or Limit(0)
    row.ingress_policing_rate = limit.kbps
    row.ingress_policing_burst = limit.burst_kb
    _write_id(row, POLICED, "true" if new.policing else "")


def _write_id(row: Any, key: str, value: str) -> None:
    if value:
        row.setkey("external_ids", key, value)
    else:
        row.delkey("external_ids", key)


def _htb(limit: Limit) -> dict[str, str]:
    """Bits a second, bits (ovs-vswitchd.conf.db(5), QoS and Queue: other_config)."""
    config = {"max-rate": str(limit.kbps * 1000)}
    return config | ({"burst": str(limit.burst_kb * 1000)} if limit.burst_kb else {})


def _port_id(interface: Any) -> str:
    text = str(interface.external_ids.get("iface-id", ""))
    try:
        return text if str(UUID(text)) == text else ""
    except ValueError:
        return ""


def _one(values: Sequence[Any], otherwise: Any) -> Any:
    return values[0] if values else otherwise


def _reason(error: str) -> str:
    try:
        said = json.loads(error)
    except ValueError:
        return error
    return f"{said.get('error')}: {said.get('details')}" if isinstance(said, dict) else error
