"""ovirt-quantum: an external network provider for oVirt."""
