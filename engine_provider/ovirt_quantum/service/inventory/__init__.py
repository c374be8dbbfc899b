"""The inventory as one file: declared, compared with the database, applied as a whole or not at all."""

from .applying import apply, rehearse
from .declaration import Inventory, as_document, parse
from .planning import KINDS, Change, Plan
from .stored import stored

__all__ = ["KINDS", "Change", "Inventory", "Plan", "apply", "as_document", "parse", "rehearse", "stored"]
