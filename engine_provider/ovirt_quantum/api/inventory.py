"""The whole inventory as one document: what `ovirt-quantum inventory` speaks to."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput
from ..model import Actor, PhysicalNetwork
from ..patience import in_thread
from ..provider import Provider
from ..service import inventory
from ..service.access import check_role
from ..service.inventory import KINDS, Inventory, Plan
from ..store.database import Database
from ..store.transaction import Transaction
from . import wire
from .json import json_response, read_object
from .resources import actor_of


def inventory_routes(provider: Provider) -> list[Route]:
    """`GET /inventory` -> `{"inventory": ...}`; `PUT /inventory?prune=false&dry_run=false` with the same body.

    The answer to PUT is `{"changes": [...], "left_alone": [...]}`; with dry_run it is what would be done. For
    administrators alone.
    """

    async def show(request: Request) -> Response:
        found = await in_thread(partial(_stored, provider.database, actor_of(request)))
        return json_response({"inventory": inventory.as_document(found)})

    async def put(request: Request) -> Response:
        actor, (prune, dry_run) = actor_of(request), _flags(request, "prune", "dry_run")
        check_role(actor, PhysicalNetwork)
        declared = inventory.parse(wire.member("inventory", await read_object(request)))
        plan = await in_thread(partial(inventory.rehearse, provider.database, actor, declared, prune))
        if plan.changes and not dry_run:
            plan = await provider.write(lambda tx: inventory.apply(tx, actor, declared, prune))
        return json_response(_answer(plan))

    return [Route("/inventory", show, methods=["GET"]), Route("/inventory", put, methods=["PUT"])]


def _stored(database: Database, actor: Actor) -> Inventory:
    with database.reading() as connection:
        return inventory.stored(Transaction(connection), actor)


def _flags(request: Request, *names: str) -> list[bool]:
    """The query's flags, false where not given. One that is misspelt is refused, lest a dry run were a real one."""
    for name, value in request.query_params.items():
        if name not in names or value not in ("true", "false"):
            raise BadInput(
                "HTTPBadRequest", f"Invalid query {name}={value}: it may be {' or '.join(names)}=true|false."
            )
    return [request.query_params.get(name) == "true" for name in names]


def _answer(plan: Plan) -> dict[str, Any]:
    changes = [
        {"action": change.action, "kind": KINDS[change.kind], "name": change.name, "attributes": change.attributes}
        for change in plan.changes
    ]
    return {"changes": changes, "left_alone": [{"kind": kind, "name": name} for kind, name in plan.left_alone]}
