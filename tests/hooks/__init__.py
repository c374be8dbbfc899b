"""What a host's VDSM and administrator get: the hook scripts and ovirt-quantum-host, run as they run there."""
