"""Security groups and their rules: the usual routes, and Neutron's habits around them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .. import filtering
from ..model import Actor
from ..model.wish import Wish
from ..patience import in_thread
from ..provider import Provider
from ..service.security_group import default_group, has_default_group
from ..store.transaction import Transaction
from .resources import Document, ResourceRoutes, actor_of


class SecurityGroupRoutes(ResourceRoutes):
    """A project that looks has its default group."""

    async def index(self, request: Request) -> Response:
        await _ensure_default_group(self._provider, actor_of(request).project_id)
        return await super().index(request)


class SecurityGroupRuleRoutes(ResourceRoutes):
    """The same, and rules that are created together belong together."""

    async def index(self, request: Request) -> Response:
        await _ensure_default_group(self._provider, actor_of(request).project_id)
        return await super().index(request)

    def _create_all(self, actor: Actor, wishes: list[Wish[Any]], tx: Transaction) -> list[Document]:
        filtering.check_together([wish.wanted for wish in wishes])
        return super()._create_all(actor, wishes, tx)


async def _ensure_default_group(provider: Provider, project_id: str) -> None:
    def exists() -> bool:
        with provider.database.reading() as connection:
            return has_default_group(Transaction(connection), project_id)

    if not await in_thread(exists):
        await provider.write(lambda tx: default_group(tx, project_id))
