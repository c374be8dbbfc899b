"""The host side of ovirt-quantum: the hooks' code, and the command `ovirt-quantum-host`.

Standard library only, right on Python 3.6 and later. `hook` and `capabilities` are the hook scripts themselves.
"""
