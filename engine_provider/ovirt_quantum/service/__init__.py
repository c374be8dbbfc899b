"""The verbs: what may be asked of the resources. One function is one transaction."""
