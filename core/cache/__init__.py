"""When a stored answer may be used again: decided by what differs, never by how alike two texts are."""
