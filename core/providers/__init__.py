"""Who serves a model: one room a provider, behind one small protocol."""
