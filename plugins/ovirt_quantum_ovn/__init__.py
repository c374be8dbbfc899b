"""OVN: will realise networks, ports and routers as rows of OVN's northbound database; so far its OVSDB client."""
