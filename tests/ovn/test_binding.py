"""Which hosts a port's options name, from where it is."""

from ovirt_quantum_ovn.binding import Whereabouts, options

NOWHERE = Whereabouts()
HOSTS = frozenset({"host1", "host2", "host3"})


def named(bound: str, seen: Whereabouts = NOWHERE) -> str | None:
    return options(bound, seen, HOSTS).get("requested-chassis")


def test_the_bound_host_comes_first() -> None:
    """Before the VM starts; every other host may take it over by migration."""
    assert options("host2", Whereabouts(), HOSTS) == {
        "requested-chassis": "host2,host1,host3",
        "activation-strategy": "rarp",
    }


def test_a_port_of_no_host_may_be_on_any() -> None:
    """Nothing is named: a port that is bound nowhere, or to a host whose name OVN does not know."""
    assert named("") is None
    assert named("host.example.org") is None


def test_the_host_that_has_it_comes_before_the_bound_one() -> None:
    """The engine's word comes late: after a migration the port is bound to the old host for a while."""
    assert named("host1", Whereabouts(("host2",), True, requested="host2")) == "host2,host1,host3"
    assert named("host2", Whereabouts(("host2",), True, requested="host2")) == "host2,host1,host3"


def test_the_late_word_changes_nothing() -> None:
    """Whoever it was bound to before."""
    arrived = Whereabouts(("host3",), True, requested="host3")
    assert {named(bound, arrived) for bound in HOSTS} == {"host3,host1,host2"}


def test_nothing_changes_while_it_migrates() -> None:
    """The source has the binding, the destination waits for the RARP; also just after that RARP."""
    migrating = Whereabouts(("host1", "host2"), True, requested="host1")
    assert named("host1", migrating) == "host1,host2,host3"
    assert named("host1", Whereabouts(("host1", "host3"), True, requested="host1")) == "host1,host2,host3"
    arrived = Whereabouts(("host1", "host2"), True, requested="host1", activated=True)
    assert named("host1", arrived) == "host1,host2,host3"


def test_old_options_go_before_new_ones_are_set() -> None:
    """On its new host with the old one named first, or with a RARP remembered: nothing, until that is gone."""
    assert named("host1", Whereabouts(("host2",), True, requested="host1", activated=True)) is None
    assert named("host1", Whereabouts(("host2",), True, requested="host2", activated=True)) is None
    assert named("host1", Whereabouts(("host2",), True)) == "host2,host1,host3"


def test_a_vm_that_starts_elsewhere_than_before() -> None:
    """Nowhere now, last on host1, bound to host2: the old options go first as well."""
    assert named("host2", Whereabouts((), False, requested="host1")) is None
    assert named("host2", Whereabouts((), False)) == "host2,host1,host3"


def test_a_host_that_came_later_is_named_too() -> None:
    """With the same first host there is nothing to take away."""
    assert named("host1", Whereabouts(("host1",), True, requested="host1")) == "host1,host2,host3"
