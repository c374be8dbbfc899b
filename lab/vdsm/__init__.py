"""A double of VDSM: what a hook can see of it. Its files are named as VDSM's own that they follow."""
