"""Does what is done ahead make the next answer start at once, and is it never in the way?

The product's own speculation, lanes and store on a virtual clock, between a simulated person who reads,
thinks, types and sometimes takes a chip, and the runner that stands behind the test server. What people
really asked next is read from a file.
"""
