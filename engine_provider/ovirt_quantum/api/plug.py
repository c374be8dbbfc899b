"""What a host asks when a VM starts: how to plug this port. All that a host's token may do."""

from typing import Any
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import Forbidden
from ..model import Port, Role
from ..patience import in_thread
from ..plugin import PORT, DesiredPort, Ref
from ..provider import Provider
from ..store.desired import desired
from ..store.transaction import Transaction, not_found
from .json import json_response
from .resources import actor_of

log = structlog.get_logger()


def plug_routes(provider: Provider) -> list[Route]:
    """`GET /plug/{port}` -> `{"plug": {"port_id", "bridge", "vlan", "mac_address", "mtu"}}`.

    bridge, vlan: as the plugin says that plugs the port (`plugin.Plug`).
    """

    async def plug(request: Request) -> Response:
        if actor_of(request).role not in (Role.HOST, Role.ADMIN):
            raise Forbidden("PolicyNotAuthorized", "Only hosts ask how to plug a port.")
        id = request.path_params["id"]
        answer = await in_thread(lambda: _plug(provider, id))
        asking, bound = request.headers.get("x-host-id", ""), answer.pop("bound")
        if asking != bound:
            log.info("a port is plugged on another host than it is bound to", port=id, asking=asking, bound=bound)
        return json_response({"plug": answer})

    return [Route("/plug/{id}", plug, methods=["GET"])]


def _plug(provider: Provider, id: str) -> dict[str, Any]:
    if not _is_uuid(id):
        raise not_found(Port, id)
    with provider.database.reading() as connection:
        wanted = desired(Transaction(connection), Ref(PORT, id))
    if not isinstance(wanted, DesiredPort):
        raise not_found(Port, id)
    plug = provider.plug(wanted)
    return {
        "port_id": wanted.port.id,
        "bridge": plug.bridge,
        "vlan": plug.vlan,
        "mac_address": wanted.port.mac_address,
        "mtu": wanted.network.mtu,
        "bound": wanted.port.host_id,
    }


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
