"""`make bench`: the figures that the product is held to. Measured and kept, never asserted."""
