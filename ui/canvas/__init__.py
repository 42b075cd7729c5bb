"""The canvas: the graph drawn as cards and wires, with what a run does to it."""
