"""The OVSDB client, on real ovsdb-servers with OVN's own schema."""
