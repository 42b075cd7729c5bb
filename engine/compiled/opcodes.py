"""The number of each primitive on the tape; its name here is the primitive's own, in capitals.

Neighbors that one function computes are told from others by comparing with the last of them.
"""

from __future__ import annotations

IDENTITY = 0
TANH = 1
SIGMOID = 2
RELU = 3
LEAKY_RELU = 4
ELU = 5
GELU = 6
SILU = 7
SOFTPLUS = 8
SIN = 9
POWER = 10
EXP = 11
LOG = 12
SQRT = 13
SQUARE = 14
COS = 15
TAN = 16
ABSOLUTE = 17
NEGATE = 18
DROPOUT = 19
STANDARDIZE_BY_RUNNING = 20
STANDARDIZE_COLUMNS = 21
STANDARDIZE_ROWS = 22
SOFTMAX = 23
MATMUL = 24
CONCAT = 25
SLICE = 26
SUM = 27
MEAN = 28
ADD_BIAS = 29
ADD = 30
TOTAL_LOSS = 31
SUBTRACT = 32
MULTIPLY = 33
DIVIDE = 34
RAISE = 35
CONSTANT = 36
WEIGHT_PENALTY = 37
SQUARED_ERROR = 38
ABSOLUTE_ERROR = 39
HUBER_ERROR = 40
HINGE_ERROR = 41
MEAN_VALUE = 42
LOGIT_CROSS_ENTROPY = 43
PROBABILITY_CROSS_ENTROPY = 44
SOFTMAX_LOGIT_CROSS_ENTROPY = 45

OPCODES = {name.lower(): code for name, code in list(globals().items()) if isinstance(code, int)}
"""The number by the primitive's name."""
