"""What the parts alone need: the least a program of this kind can take on this machine."""
