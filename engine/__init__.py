"""The engine of Backprop Lab: graphs, gradients, optimizers. It knows nothing of Qt and can be used from a notebook."""
