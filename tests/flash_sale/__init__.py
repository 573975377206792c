"""A flash sale: 100 units, 1,000 buyers on 20 devices with a flapping network, a real server.

`make flash-sale` runs it once for each policy, checks what the policy promises, prints the table
and keeps it in `tests/benchmarks/flash_sale.json`. Each device is a process of its own with a real
home and the real sync engine; each buyer is one act on it.
"""
