"""What numba has no words for: addresses, parts of memory as arrays, and calls of functions by their address."""

from __future__ import annotations

from typing import Any

from engine.compiled.jit import NUMBERS, WORDS, extending, helper, ir, numba, types
from engine.ops.call import Array


def _pointer_at(typing_context: Any, pointer: Any, place: Any) -> Any:
    """Give the address of one of the numbers behind an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, types.int64), generate


def _address_of(typing_context: Any, array: Any) -> Any:
    """Give the address of an array's first number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


def _call(
    typing_context: Any, kernel: Any, arena: Any, words: Any, p: Any, numbers: Any, rows: Any, source: Any, into: Any
) -> Any:
    """Call a kernel by its address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = [argument.type for argument in arguments[1:]]
        function = builder.inttoptr(arguments[0], ir.FunctionType(ir.VoidType(), kinds).as_pointer())
        builder.call(function, arguments[1:])
        return context.get_dummy_value()

    whole = types.int64
    return types.void(whole, NUMBERS, WORDS, whole, NUMBERS, whole, whole, whole), generate


def _product(typing_context: Any, a: Any, b: Any) -> Any:
    """Give a product of 128 bits: its lower and its upper 64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(2 * 64)
        half = ir.Constant(wide, 64)
        product = builder.mul(*(builder.zext(argument, wide) for argument in arguments))
        low, high = (builder.trunc(part, ir.IntType(64)) for part in (product, builder.lshr(product, half)))
        return context.make_tuple(builder, signature.return_type, (low, high))

    return types.UniTuple(types.uint64, 2)(types.uint64, types.uint64), generate


pointer_at: Any = extending.intrinsic(_pointer_at)
address_of: Any = extending.intrinsic(_address_of)
call: Any = extending.intrinsic(_call)
product: Any = extending.intrinsic(_product)


@helper
def part(arena: Array, at: int, count: int) -> Array:
    """Give `count` numbers of the arena from `at` on, as an array that owns nothing."""
    array: Array = numba.carray(pointer_at(arena, at), count)
    return array
