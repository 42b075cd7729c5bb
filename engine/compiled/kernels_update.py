"""Phase 5 on flat regions: clipping, the optimizer's rule, and the sum w + Δw, on the parts that are not pinned.

A rule is a kernel of (arena, words, p, numbers, t, start, count): t counts updates from 1, `start` and `count` are a
part of the regions, whose places the record at `p` has. `numbers` are the rate of this update and the settings.
"""

from __future__ import annotations

import math

from engine.compiled.jit import Words, entry, helper, kernel
from engine.compiled.kernels_lines import copy, dot, fill, total
from engine.compiled.tricks import address_of, call, part
from engine.ops.call import Array

WEIGHTS, GRADIENT, CLIPPED, DELTA, SLOTS = 0, 1, 2, 3, 4
"""Places in the record: where the regions of w, g, ĝ, Δw and of three slots are."""
USED = 7
"""Where the gradient that the rule uses is: g itself, or where it is clipped ĝ."""
SPAN, SLOT_COUNT, CLIPPING, RULE = 8, 9, 10, 11
"""How long a region is, how many slots are used, how g is clipped, and the address of the rule."""
FREE, FREE_PARTS, FIXED_PARTS = 12, 13, 14
"""Where the pairs of start and length are: of so many free parts, and after them of so many pinned ones."""
RECORD = 15
"""How long the record is before these pairs."""

RATE, LIMIT, CHECK, SETTINGS = 0, 1, 2, 3
"""Places in the numbers: the rate, the limit of clipping, a sum that is finite only where all that an update writes is,
and the optimizer's own settings."""

NO_CLIPPING, CLIP_NORM, CLIP_VALUE = 0, 1, 2
LARGEST = 1.7976931348623157e308
BLOCK = 512
"""So many numbers go through rule, sum and check while they are near the processor."""


@helper
def is_finite(x: float) -> bool:
    """Tell whether a number is finite. Not with math.isfinite: where sums may be reordered, its x − x becomes 0."""
    return abs(x) <= LARGEST


@helper
def norm(arena: Array, at: int, count: int) -> float:
    """Give ‖x‖ as engine.norms: scaled first where the squares would overflow."""
    squares = dot(arena, at, at, count)
    if is_finite(squares):
        return math.sqrt(squares)
    x = part(arena, at, count)
    largest = 0.0
    for i in range(count):
        if math.isnan(x[i]):
            return math.nan
        largest = max(largest, abs(x[i]))
    if not is_finite(largest):
        return largest
    squares = 0.0
    for i in range(count):
        squares += (x[i] / largest) * (x[i] / largest)
    return largest * math.sqrt(squares)


@helper
def _clip(arena: Array, words: Words, p: int, limit: float) -> None:
    """Make ĝ of a copy of g without its pinned parts."""
    at, span = words[p + CLIPPED], words[p + SPAN]
    copy(arena, words[p + GRADIENT], at, span)
    pairs = words[p + FREE] + 2 * words[p + FREE_PARTS]
    for pair in range(pairs, pairs + 2 * words[p + FIXED_PARTS], 2):
        fill(arena, at + words[pair], words[pair + 1], 0.0)
    g = part(arena, at, span)
    if words[p + CLIPPING] == CLIP_VALUE:
        for i in range(span):
            g[i] = -limit if g[i] < -limit else limit if g[i] > limit else g[i]
        return
    size = norm(arena, at, span)
    if size > limit:
        factor = limit / size
        for i in range(span):
            g[i] *= factor


@kernel
def update(arena: Array, words: Words, p: int, numbers: Array, t: int, start: int, count: int) -> None:
    """Turn g into Δw and add it; `start` and `count` are not used, as the record names the parts."""
    if words[p + CLIPPING] != NO_CLIPPING:
        _clip(arena, words, p, numbers[LIMIT])
    w, delta = words[p + WEIGHTS], words[p + DELTA]
    check = 0.0
    pairs = words[p + FREE]
    fixed = pairs + 2 * words[p + FREE_PARTS]
    for pair in range(pairs, fixed, 2):
        end = words[pair] + words[pair + 1]
        for begun in range(words[pair], end, BLOCK):
            length = min(BLOCK, end - begun)
            call(words[p + RULE], arena, words, p, numbers, t, begun, length)
            added, to = part(arena, delta + begun, length), part(arena, w + begun, length)
            for i in range(length):
                to[i] += added[i]
                check += to[i]
            check += total(arena, delta + begun, length)
            for slot in range(words[p + SLOT_COUNT]):
                check += total(arena, words[p + SLOTS + slot] + begun, length)
    for pair in range(fixed, fixed + 2 * words[p + FIXED_PARTS], 2):
        fill(arena, delta + words[pair], words[pair + 1], 0.0)
    numbers[CHECK] = check


@entry
def run_update(arena: Array, words: Words, numbers: Array, address: int, t: int) -> None:
    """Call `update` from Python."""
    call(address, address_of(arena), address_of(words), 0, address_of(numbers), t, 0, 0)


@helper
def slot(arena: Array, words: Words, p: int, number: int, start: int, count: int) -> Array:
    """Give a part of a slot."""
    return part(arena, words[p + SLOTS + number] + start, count)


@helper
def used(arena: Array, words: Words, p: int, start: int, count: int) -> Array:
    """Give a part of the gradient that the rule uses."""
    return part(arena, words[p + USED] + start, count)


@helper
def change(arena: Array, words: Words, p: int, start: int, count: int) -> Array:
    """Give a part of Δw."""
    return part(arena, words[p + DELTA] + start, count)


@helper
def take_off(arena: Array, words: Words, p: int, share: float, rate: float, start: int, count: int) -> None:
    """Make Δw = −η (d + λ w) of the d in its place."""
    delta, w = change(arena, words, p, start, count), part(arena, words[p + WEIGHTS] + start, count)
    for i in range(count):
        delta[i] = -rate * (delta[i] + share * w[i])
