"""Log-in: passwords, tokens, accounts, Keystone's API, on real databases and the real service."""
