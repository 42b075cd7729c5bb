"""Functions of one number, written so that a loop over them vectorizes, as calls into libm do not.

Relative errors are about 2e-16. NaN gives NaN, and ±∞ their limits. None of this may be reordered: see `jit.exact`.
"""

from __future__ import annotations

import math

import numpy as np

from engine.compiled.jit import exact
from engine.ops.functions import MIDDLES, STEP

LOG2_E = 1.4426950408889634
LN2 = math.log(2.0)
LN2_HIGH = 6.93147180369123816490e-01
"""The leading 33 bits of ln 2, so that its product with a whole number is exact; the rest follows."""
LN2_LOW = 1.90821492927058770002e-10
MAGIC = 6755399441055744.0 + 1023.0
"""2⁵² + 2⁵¹ and the exponent's bias: added to a whole number k, the sum's low bits are the exponent of 2ᵏ."""
ROOT_HALF = math.sqrt(0.5)
WEIGHTS = tuple(math.exp(-middle) for middle in MIDDLES)
"""The weights of the strips in `normal_share`."""


@exact
def power_of_shifted(shifted: float) -> float:
    """Give 2ᵏ for k + MAGIC."""
    bits = np.float64(shifted).view(np.int64)
    return np.int64(bits << 52).view(np.float64)


@exact
def power_of_two(k: float) -> float:
    """Give 2ᵏ for a whole k in −1022 … 1023."""
    return power_of_shifted(k + MAGIC)


@exact
def exp_minus_1_near_0(r: float) -> float:
    """Give eʳ − 1 for |r| ≤ ln(2) / 2, from its series."""
    q = 1.0 / 6227020800.0
    q = q * r + 1.0 / 479001600.0
    q = q * r + 1.0 / 39916800.0
    q = q * r + 1.0 / 3628800.0
    q = q * r + 1.0 / 362880.0
    q = q * r + 1.0 / 40320.0
    q = q * r + 1.0 / 5040.0
    q = q * r + 1.0 / 720.0
    q = q * r + 1.0 / 120.0
    q = q * r + 1.0 / 24.0
    q = q * r + 1.0 / 6.0
    q = q * r + 0.5
    return q * (r * r) + r


@exact
def exp(x: float) -> float:
    """Give eˣ, denormal results included."""
    x = 710.0 if x > 710.0 else x
    x = -750.0 if x < -750.0 else x
    k = np.rint(x * LOG2_E)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    half = np.rint(0.5 * k)
    return (1.0 + exp_minus_1_near_0(r)) * power_of_two(half) * power_of_two(k - half)


@exact
def exp_minus_1(x: float) -> float:
    """Give eˣ − 1 for x ≤ 700, with all digits near 0."""
    x = -50.0 if x < -50.0 else x
    k = np.rint(x * LOG2_E)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    scale = power_of_two(k)
    return scale * exp_minus_1_near_0(r) + (scale - 1.0)


@exact
def exp_down(x: float) -> float:
    """Give eˣ for x ≤ 0; below −708, where results would be denormal, 0."""
    u = -708.0 if x < -708.0 else x
    k = np.rint(u * LOG2_E)
    r = (u - k * LN2_HIGH) - k * LN2_LOW
    power = (1.0 + exp_minus_1_near_0(r)) * power_of_two(k)
    return 0.0 if x < -708.0 else power


@exact
def even_part(r: float) -> float:
    """Give R = r (eʳ + 1) / (eʳ − 1) for |r| ≤ ln(2) / 2, so that eʳ = (R + r) / (R − r).

    The coefficients are those of fdlibm's exp, to 2⁻⁵⁹.
    """
    z = r * r
    q = 4.13813679705723846039e-08
    q = q * z - 1.65339022054652515390e-06
    q = q * z + 6.61375632143793436117e-05
    q = q * z - 2.77777777770155933842e-03
    q = q * z + 1.66666666666666019037e-01
    return q * z + 2.0


@exact
def tanh(x: float) -> float:
    """Give tanh x, with all digits near 0: −(eᵘ − 1) / (eᵘ + 1) with u = −2 |x|, in one division.

    k is rounded by adding MAGIC. One double of ln 2 is enough here, as eᵘ is small where k is large.
    """
    size = abs(x)
    u = -2.0 * (20.0 if size > 20.0 else size)
    shifted = u * LOG2_E + MAGIC
    k = shifted - MAGIC
    r = u - k * LN2
    scale, bottom = power_of_shifted(shifted), even_part(r) - r
    top = 2.0 * r * scale + (scale - 1.0) * bottom
    return math.copysign(top / (2.0 * bottom + top), x)


@exact
def sigmoid(x: float) -> float:
    """Give 1 / (1 + e⁻ˣ), with all digits in both tails, in one division."""
    u = 708.0 if x < -708.0 else -x
    u = -708.0 if u < -708.0 else u
    k = np.rint(u * LOG2_E)
    r = (u - k * LN2_HIGH) - k * LN2_LOW
    even = even_part(r)
    share = (even - r) / ((even - r) + (even + r) * power_of_two(k))
    return 0.0 if x < -708.5 else share


@exact
def log_1_plus(x: float) -> float:
    """Give log(1 + x) for 0 ≤ x ≤ 1, from the series of 2 artanh(u / (2 + u)), with 1 + x or its half as 1 + u."""
    is_upper = x > 0.414
    u = 0.5 * (x - 1.0) if is_upper else x
    s = u / (2.0 + u)
    t = s * s
    q = 2.0 / 21.0
    q = q * t + 2.0 / 19.0
    q = q * t + 2.0 / 17.0
    q = q * t + 2.0 / 15.0
    q = q * t + 2.0 / 13.0
    q = q * t + 2.0 / 11.0
    q = q * t + 2.0 / 9.0
    q = q * t + 2.0 / 7.0
    q = q * t + 2.0 / 5.0
    q = q * t + 2.0 / 3.0
    q = q * t + 2.0
    return q * s + (0.6931471805599453 if is_upper else 0.0)


@exact
def softplus(x: float) -> float:
    """Give log(1 + eˣ), which never overflows."""
    return log_1_plus(exp_down(-abs(x))) + (0.0 if x < 0.0 else x)


@exact
def sign(x: float) -> float:
    """Give −1, 0 or 1; NaN for NaN."""
    positive = 1.0 if x > 0.0 else x * 0.0 if x != x else 0.0
    return -1.0 if x < 0.0 else positive


@exact
def normal_share(z: float) -> float:
    """Give Φ(z) as `engine.ops.functions.normal_share` does."""
    size = abs(z)
    size = 60.0 if size > 60.0 else size
    square = 0.5 * size * size
    x = size * ROOT_HALF
    total = 0.0
    for strip in range(len(MIDDLES)):
        total += WEIGHTS[strip] / (square + MIDDLES[strip])
    total *= x * (STEP / math.pi) * exp(-square)
    if x < math.pi / STEP:
        total += 1.0 / (1.0 + exp(2.0 * math.pi / STEP * x))
    return total if z < 0.0 else 1.0 - total
