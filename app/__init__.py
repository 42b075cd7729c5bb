"""The application without widgets: document, runner, files, settings, command line."""

import os

# Before numpy is first imported. The matrices here are small: more threads of its linear algebra spend their time
# waiting for each other, and take the second core from the window (docs/decisions/0007).
for _name in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
