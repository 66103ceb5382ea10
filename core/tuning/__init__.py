"""Which model gives most here: a quiz that a machine grades, times taken on this machine, and a proposal."""
