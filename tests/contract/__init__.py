"""The suite that every plugin must pass: subclass PluginContract and supply a Backend (backend.py)."""
