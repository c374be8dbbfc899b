"""Writes the tables of docs/api.md from the resources' declarations: `python docs/attributes.py`.

What stands between the two marks of that page is made here; the rest of the page is written by hand.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from ovirt_quantum.model import (
    QOS_RULES,
    RESOURCES,
    FloatingIp,
    Network,
    Port,
    PortForwarding,
    QosPolicy,
    QosRule,
    Resource,
    Role,
    Subnet,
    fields,
    rule_type,
)
from ovirt_quantum.model.resource import Field
from ovirt_quantum.model.types import (
    AddressBlock,
    AddressOrBlock,
    Cidr,
    DnsDomain,
    DnsName,
    EtherType,
    ForwardedProtocol,
    IpAddress,
    IpPrefix,
    IpProtocol,
    MacAddress,
    PortNumbers,
    PortRange,
    Uuid,
)

PAGE = Path(__file__).with_name("api.md")
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

SIMPLE: Mapping[Any, str] = {
    bool: "true or false",
    int: "integer",
    float: "number",
    str: "string",
    type(None): "null",
    Uuid: "UUID",
    MacAddress: "MAC address",
    IpAddress: "IP address",
    Cidr: "CIDR",
    IpPrefix: "address or CIDR",
    AddressBlock: "CIDR",
    AddressOrBlock: "address or CIDR",
    DnsName: "host name",
    DnsDomain: "domain",
    EtherType: "`IPv4` or `IPv6`",
    IpProtocol: "IP protocol",
    ForwardedProtocol: "`tcp` or `udp`",
    PortNumbers: "port or ports like `8000:8009`",
    PortRange: "ports like `8000:8009`",
}
CHOSEN: Mapping[tuple[type[Resource], str], str] = {
    (Network, "mtu"): "the physical network's",
    (Network, "provider:network_type"): "`vlan`, from a pool",
    (Network, "provider:physical_network"): "that of the pool",
    (Network, "provider:segmentation_id"): "a free VLAN of the pool",
    (Subnet, "gateway_ip"): "the first address",
    (Subnet, "allocation_pools"): "all but the gateway",
    (Port, "mac_address"): "made, `fa:16:3e:...`",
    (Port, "fixed_ips"): "one address a family",
    (Port, "port_security_enabled"): "the network's",
    (Port, "security_groups"): "the project's default group",
    (FloatingIp, "floating_ip_address"): "a free IPv4 address",
    (FloatingIp, "fixed_ip_address"): "the port's only IPv4 address",
    (PortForwarding, "internal_ip_address"): "the port's first IPv4 address",
}
"""What the service chooses where the client leaves an attribute out (service/)."""


def page(written: str) -> str:
    """The page with its tables as the declarations are now. Raises ValueError where it lacks the marks."""
    before, begin, rest = written.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} needs the lines {BEGIN} and {END}")
    return before + BEGIN + "\n\n" + "\n".join(tables()) + "\n" + END + after


def tables() -> Iterator[str]:
    """What all resources have, a section for each, and one for each type of rules inside QoS policies."""
    yield "### Every resource\n"
    yield from _table(Network, [field for field in fields(Network).values() if field.name in Resource.__annotations__])
    yield ""
    for kind in RESOURCES:
        yield f"### {kind.collection}: `/v2.0/{kind.path}`\n"
        yield f"{_first_line(kind)} Created, changed and deleted by {_least(kind.written_by)}.\n"
        yield from _table(kind, [field for field in fields(kind).values() if field.name in kind.__annotations__])
        yield from _notes(kind)
    for rule in QOS_RULES:
        yield from _rule(rule)


def _rule(kind: type[QosRule]) -> Iterator[str]:
    collection = f"{rule_type(kind)}_rules"
    yield f"### {collection}: `/v2.0/{QosPolicy.path}/{{policy}}/{collection}`\n"
    yield f"{_first_line(kind)}\n"
    yield "| attribute | type | default |\n|---|---|---|"
    for one in msgspec.structs.fields(kind):
        default = "made" if one.name == "id" else "required" if one.required else f"`{_json(one.default)}`"
        yield f"| `{one.encode_name}` | {words(one.type)} | {default} |"
    yield from _notes(kind)


def _table(kind: type[Resource], declared: Sequence[Field]) -> Iterator[str]:
    yield "| attribute | type | given | set by | seen by | default |\n|---|---|---|---|---|---|"
    for field in declared:
        yield _row(kind, field)


def _row(kind: type[Resource], field: Field) -> str:
    given = {"never": "read only", "create": "on create", "always": "any time"}[field.rule.given]
    set_by = "-" if field.rule.given == "never" else _least(max(field.rule.set_by, field.rule.seen_by, kind.written_by))
    cells = [f"`{field.wire}`", words(field.type), given, set_by, _least(field.rule.seen_by), _default(kind, field)]
    return f"| {' | '.join(cells)} |"


def _least(role: Role) -> str:
    return role.name.lower()


def _default(kind: type[Resource], field: Field) -> str:
    if field.rule.given == "never":
        return "-"
    if (kind, field.wire) in CHOSEN:
        return CHOSEN[kind, field.wire]
    declared = next(one for one in msgspec.structs.fields(kind) if one.name == field.name)
    if declared.required:
        return "required"
    made = declared.default_factory
    return f"`{_json(declared.default if made is msgspec.NODEFAULT else made())}`"


def words(annotation: Any) -> str:
    """A type as a client reads it."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _bounded(words(parts[0]), [part for part in parts[1:] if isinstance(part, msgspec.Meta)])
    if origin in (Union, UnionType) and set(parts) == set(QOS_RULES):
        return "rule of any type, as below, with its `type`"
    if origin in (Union, UnionType):
        return " or ".join(words(part) for part in parts)
    if origin is Literal:
        return " or ".join(f"`{_json(part)}`" for part in parts)
    if origin is list:
        return f"list of: {words(parts[0])}"
    if origin is dict:
        return f"object with values: {words(parts[1])}"
    if isinstance(annotation, type) and issubclass(annotation, Resource):
        return f"{annotation.member}, whole"
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        inside = (f"`{one.encode_name}`: {words(one.type)}" for one in msgspec.structs.fields(annotation))
        return f"object ({', '.join(inside)})"
    return SIMPLE[annotation]


def _bounded(plain: str, metas: list[msgspec.Meta]) -> str:
    for meta in metas:
        if meta.pattern is not None:
            plain = f"{plain} like `{meta.pattern}`"
        if meta.max_length is not None:
            plain = f"{plain} of {meta.min_length or 0} to {meta.max_length} characters"
        if meta.ge is not None:
            plain = f"{plain}, {meta.ge} to {meta.le}"
    return plain


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _notes(kind: type) -> Iterator[str]:
    """The strings below attributes in the source, by the attribute's name on the wire."""
    wire = {one.name: one.encode_name for one in msgspec.structs.fields(kind)}
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    yield ""
    for one, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(following, ast.Expr):
            text = ast.literal_eval(following.value)
            if one.target.id in wire:
                yield f"- `{wire[one.target.id]}`: {' '.join(text.split())}"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))


__all__ = ["BEGIN", "END", "PAGE", "page", "tables", "words"]
