"""HTTP to model and back: Neutron v2.0, Keystone and the engine's dialect. Knows no SQL and no backend."""
