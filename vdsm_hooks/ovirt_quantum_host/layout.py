"""Where things lie on a host."""

HOOKS_DIR = "/usr/libexec/vdsm/hooks"


class Layout:
    """Paths below `root` ("/" but for tests); paths *inside* host.conf are always as the hooks will see them."""

    TOKEN = "/etc/ovirt-quantum/host.token"
    CA = "/etc/ovirt-quantum/ca.pem"

    def __init__(self, root: str = "/", hooks_dir: str = HOOKS_DIR) -> None:
        self.root = root.rstrip("/")
        self.config = self.path("/etc/ovirt-quantum/host.conf")
        self.token = self.path(self.TOKEN)
        self.ca = self.path(self.CA)
        self.hooks = self.path(hooks_dir)
        self.sudoers = self.path("/etc/sudoers.d/50_vdsm_hook_ovirt_quantum")
        # What VDSM was told to make of the host's NICs (its "unified persistence").
        self.netconfs = [self.path(f"/var/lib/vdsm/{kind}/netconf") for kind in ("persistence", "staging")]

    def path(self, absolute: str) -> str:
        return self.root + absolute
