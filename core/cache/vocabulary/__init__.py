"""The words the cache knows, as data: names, synonyms, opposites, frames, units."""
