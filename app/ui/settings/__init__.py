"""The settings: one section a module, listed in `screen`."""
