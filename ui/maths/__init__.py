"""The Maths tab: what a node computes, with the numbers of this moment."""
