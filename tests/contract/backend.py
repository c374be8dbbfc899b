"""What the contract suite asks of a plugin's author: hands to touch the backend with, beside the plugin."""

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol

from ovirt_quantum.plugin import Change, DesiredPort, Observed, Plugin

Observe = Callable[[Sequence[Observed]], None]


class PluginMaker(Protocol):
    """Where plugins come from."""

    def plugin(self, deployment: str, observe: Observe) -> Plugin:
        """A new plugin that works on this backend, its hosts declared. Nothing is left from earlier ones."""


class Backend(PluginMaker, Protocol):
    """A real backend, or the nearest thing to it, and somebody who works on it by hand."""

    patience: float
    """Seconds that one `apply` may take at most, with the backend dead."""

    def desired(self, number: int, **attributes: object) -> DesiredPort:
        """A port, the same for the same number (1 to 20), on a network that the plugin can realise.

        attributes: of the port (admin_state_up) or, with `vlan=`, of its network.
        """

    def unrealisable(self) -> Change:
        """A change that `check` must refuse."""

    def plug(self, port_id: str) -> None:
        """Does what makes a backend have the port: a VM starts. Nothing where plugins make ports themselves."""

    def state(self, port_id: str) -> Hashable:
        """What the backend has for a port, without marks, in the author's own terms; None where it has nothing,
        or nothing that carries packets."""

    def expected(self, desired: DesiredPort) -> Hashable:
        """What `state` must be once the port is realised."""

    def change_by_hand(self, port_id: str) -> None:
        """Somebody changes what the plugin has made for the port, so that `state` is another one."""

    def hinder(self, port_id: str) -> None:
        """Makes it impossible to realise this one port."""

    def stop(self) -> None:
        """The whole backend is dead."""

    def start(self) -> None:
        """It is back, with what it had before."""

    def add_foreign(self) -> None:
        """Puts in objects like those that the plugin makes, but somebody else's."""

    def fingerprint(self, *deployments: str) -> str:
        """A hash of all configuration in the backend, but for what bears the mark of one of `deployments`."""

    def writes(self) -> int:
        """How many transactions plugins have made here so far, by the backend's own account; with several
        independent parts, of the part that has most."""
