"""Products of lines, a tile of results at a time, so that each number that is loaded takes part in several of them.

Lengths of lines are multiples of 16. The loops are in blocks that fit into the first cache.
"""

from __future__ import annotations

from engine.compiled.jit import helper
from engine.compiled.kernels_lines import dot
from engine.compiled.vectors import fused, load4, load8, put, spread, store, sums, zero4, zero8
from engine.ops.call import Array
from engine.program import ROW_LANES

LANES = 64
"""How many lanes of all lines are worked on together."""
LINES = 48
"""How many lines are worked on together."""
FEW = 128
"""Up to so many weights, and with lines of ROW_LANES numbers as in a small batch, the loops over blocks and tiles would
take longer than the products."""


@helper
def combine(
    arena: Array, x: int, w: int, y: int, ins: int, outs: int, in_step: int, out_step: int, length: int, is_more: bool
) -> None:
    """Write or add Σₖ wₖⱼ xₖ to each of `outs` lines yⱼ; the weights of k and j lie `in_step` and `out_step` apart."""
    if length == ROW_LANES and ins * outs <= FEW:
        _combine_few(arena, x, w, y, ins, outs, in_step, out_step, is_more)
    else:
        _combine_many(arena, x, w, y, ins, outs, in_step, out_step, length, is_more)


@helper
def _combine_few(
    arena: Array, x: int, w: int, y: int, ins: int, outs: int, in_step: int, out_step: int, is_more: bool
) -> None:
    """Do so for lines of ROW_LANES numbers, one by one."""
    for _ in range(outs):
        a, b = zero8(), zero8()
        if is_more:
            a, b = load8(arena, y), load8(arena, y + 8)
        line, at = x, w
        for _ in range(ins):
            weight = spread(arena[at])
            a = fused(load8(arena, line), weight, a)
            b = fused(load8(arena, line + 8), weight, b)
            line += ROW_LANES
            at += in_step
        store(arena, y, a)
        store(arena, y + 8, b)
        y += ROW_LANES
        w += out_step


@helper
def _combine_many(
    arena: Array, x: int, w: int, y: int, ins: int, outs: int, in_step: int, out_step: int, length: int, is_more: bool
) -> None:
    """Do so in blocks and tiles."""
    for lane in range(0, length, LANES):
        end = min(lane + LANES, length)
        for k in range(0, ins, LINES):
            count = min(LINES, ins - k)
            from_, weights, adds = x + k * length, w + k * in_step, is_more or k > 0
            j = 0
            while j + 4 <= outs:
                at, into = weights + j * out_step, y + j * length
                for i in range(lane, end, 8):
                    _combine_4(arena, from_ + i, at, into + i, count, in_step, out_step, length, adds)
                j += 4
            while j < outs:
                at, into = weights + j * out_step, y + j * length
                for i in range(lane, end, 16):
                    _combine_1(arena, from_ + i, at, into + i, count, in_step, length, adds)
                j += 1


@helper
def _combine_4(
    arena: Array, x: int, w: int, y: int, count: int, in_step: int, out_step: int, length: int, adds: bool
) -> None:
    """Do so for four lines and eight lanes."""
    a, b, c, d = zero8(), zero8(), zero8(), zero8()
    if adds:
        a, b = load8(arena, y), load8(arena, y + length)
        c, d = load8(arena, y + 2 * length), load8(arena, y + 3 * length)
    for _ in range(count):
        lanes = load8(arena, x)
        a = fused(lanes, spread(arena[w]), a)
        b = fused(lanes, spread(arena[w + out_step]), b)
        c = fused(lanes, spread(arena[w + 2 * out_step]), c)
        d = fused(lanes, spread(arena[w + 3 * out_step]), d)
        x += length
        w += in_step
    store(arena, y, a)
    store(arena, y + length, b)
    store(arena, y + 2 * length, c)
    store(arena, y + 3 * length, d)


@helper
def _combine_1(arena: Array, x: int, w: int, y: int, count: int, in_step: int, length: int, adds: bool) -> None:
    """Do so for one line and sixteen lanes."""
    a, b = zero8(), zero8()
    if adds:
        a, b = load8(arena, y), load8(arena, y + 8)
    for _ in range(count):
        weight = spread(arena[w])
        a = fused(load8(arena, x), weight, a)
        b = fused(load8(arena, x + 8), weight, b)
        x += length
        w += in_step
    store(arena, y, a)
    store(arena, y + 8, b)


@helper
def write_dots(arena: Array, x: int, delta: int, into: int, ins: int, outs: int, length: int) -> None:
    """Write the dot product of each line xₖ with each line δⱼ, at `into` + k · outs + j."""
    if length == ROW_LANES and ins * outs <= FEW:
        _write_few_dots(arena, x, delta, into, ins, outs)
    else:
        _write_many_dots(arena, x, delta, into, ins, outs, length)


@helper
def _write_few_dots(arena: Array, x: int, delta: int, into: int, ins: int, outs: int) -> None:
    """Do so for lines of ROW_LANES numbers."""
    j = 0
    while j + 4 <= outs:
        for k in range(ins):
            store(arena, into + k * outs + j, _dots_4(arena, x + k * ROW_LANES, delta + j * ROW_LANES, ROW_LANES))
        j += 4
    while j < outs:
        k = 0
        while k + 4 <= ins:
            put(arena, into + k * outs + j, outs, _dots_4(arena, delta + j * ROW_LANES, x + k * ROW_LANES, ROW_LANES))
            k += 4
        while k < ins:
            arena[into + k * outs + j] = dot(arena, x + k * ROW_LANES, delta + j * ROW_LANES, ROW_LANES)
            k += 1
        j += 1


@helper
def _write_many_dots(arena: Array, x: int, delta: int, into: int, ins: int, outs: int, length: int) -> None:
    """Do so in blocks and tiles."""
    for start in range(0, outs, LINES):
        end = min(start + LINES, outs)
        fours = start + (end - start) // 4 * 4
        k = 0
        while k + 2 <= ins:
            for j in range(start, fours, 4):
                at = into + k * outs + j
                _dots_2_by_4(arena, x + k * length, delta + j * length, at, at + outs, length)
            k += 2
        if k < ins:
            for j in range(start, fours, 4):
                store(arena, into + k * outs + j, _dots_4(arena, x + k * length, delta + j * length, length))
        for j in range(fours, end):
            k = 0
            while k + 4 <= ins:
                dots = _dots_4(arena, delta + j * length, x + k * length, length)
                put(arena, into + k * outs + j, outs, dots)
                k += 4
            while k < ins:
                arena[into + k * outs + j] = dot(arena, x + k * length, delta + j * length, length)
                k += 1


@helper
def _dots_2_by_4(arena: Array, x: int, delta: int, first: int, second: int, length: int) -> None:
    a, b, c, d = zero4(), zero4(), zero4(), zero4()
    e, f, g, h = zero4(), zero4(), zero4(), zero4()
    for i in range(0, length, 4):
        one, two = load4(arena, x + i), load4(arena, x + length + i)
        p, q = load4(arena, delta + i), load4(arena, delta + length + i)
        r, s = load4(arena, delta + 2 * length + i), load4(arena, delta + 3 * length + i)
        a, b, c, d = fused(one, p, a), fused(one, q, b), fused(one, r, c), fused(one, s, d)
        e, f, g, h = fused(two, p, e), fused(two, q, f), fused(two, r, g), fused(two, s, h)
    store(arena, first, sums(a, b, c, d))
    store(arena, second, sums(e, f, g, h))


@helper
def _dots_4(arena: Array, line: int, four: int, length: int) -> object:
    """Give the dot products of one line with four."""
    a, b, c, d = zero4(), zero4(), zero4(), zero4()
    for i in range(0, length, 4):
        lanes = load4(arena, line + i)
        a = fused(lanes, load4(arena, four + i), a)
        b = fused(lanes, load4(arena, four + length + i), b)
        c = fused(lanes, load4(arena, four + 2 * length + i), c)
        d = fused(lanes, load4(arena, four + 3 * length + i), d)
    return sums(a, b, c, d)
