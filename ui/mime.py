"""Names of the data that drags carry inside the window."""

OP_MIME = "application/x-backprop-lab-op"
"""The name of an op, in UTF-8: dragged from the palette, dropped on the canvas."""
