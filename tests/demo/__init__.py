"""`make demo`: the main job from end to end, with real processes on loopback, told line by line."""
