"""Eight or four numbers at once, for the loops over lines that LLVM does not vectorize well enough by itself."""

from __future__ import annotations

from typing import Any

from engine.compiled.jit import extending, ir, types

WIDTH, HALF = 8, 4


class VectorType(types.Type):  # type: ignore[misc]
    """The type of so many numbers at once."""

    def __init__(self, width: int) -> None:
        super().__init__(name=f"vector of {width}")
        self.width = width


@extending.register_model(VectorType)
class VectorModel(extending.models.PrimitiveModel):  # type: ignore[misc]
    """Vectors are LLVM's own."""

    def __init__(self, manager: Any, kind: VectorType) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.DoubleType(), kind.width))


EIGHT, FOUR = VectorType(WIDTH), VectorType(HALF)


def _at(builder: Any, pointer: Any, place: Any, width: int) -> Any:
    kind = ir.VectorType(ir.DoubleType(), width)
    return builder.bitcast(builder.gep(pointer, [place]), kind.as_pointer())


def _loader(vector: VectorType) -> Any:
    def load(typing_context: Any, pointer: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.load(_at(builder, arguments[0], arguments[1], vector.width), align=8)

        return vector(pointer, types.int64), generate

    return load


def _store(typing_context: Any, pointer: Any, place: Any, vector: Any) -> Any:
    """Write a vector's numbers from a place on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target = _at(builder, arguments[0], arguments[1], signature.args[2].width)
        builder.store(arguments[2], target, align=8)
        return context.get_dummy_value()

    return types.void(pointer, types.int64, vector), generate


def _put(typing_context: Any, pointer: Any, place: Any, step: Any, vector: Any) -> Any:
    """Write a vector's numbers from a place on, each so many places behind the one before."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        target, at, apart, numbers = arguments
        for lane in range(signature.args[3].width):
            number = builder.extract_element(numbers, ir.Constant(ir.IntType(32), lane))
            builder.store(number, builder.gep(target, [at]))
            at = builder.add(at, apart)
        return context.get_dummy_value()

    return types.void(pointer, types.int64, types.int64, vector), generate


def _pack(typing_context: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Give four numbers as a vector."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.Constant(ir.VectorType(ir.DoubleType(), HALF), ir.Undefined)
        for lane, number in enumerate(arguments):
            vector = builder.insert_element(vector, number, ir.Constant(ir.IntType(32), lane))
        return vector

    return FOUR(*(types.float64,) * HALF), generate


def _spread(typing_context: Any, number: Any) -> Any:
    """Give eight times the same number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _repeated(builder, arguments[0], WIDTH)

    return EIGHT(types.float64), generate


def _repeated(builder: Any, number: Any, width: int) -> Any:
    empty = ir.Constant(ir.VectorType(ir.DoubleType(), width), ir.Undefined)
    single = builder.insert_element(empty, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(single, empty, _places([0] * width))


def _places(places: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places)


def _fused(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Give a ⊙ b + c."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        product = builder.fmul(arguments[0], arguments[1], flags=["contract"])
        return builder.fadd(product, arguments[2], flags=["contract"])

    return a(a, a, a), generate


def _sums(typing_context: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Give the sums of four vectors of four, as a vector."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first, second, third, fourth = arguments
        pairs = [
            builder.fadd(
                builder.shuffle_vector(x, y, _places([0, 4, 2, 6])), builder.shuffle_vector(x, y, _places([1, 5, 3, 7]))
            )
            for x, y in ((first, second), (third, fourth))
        ]
        low, high = _places([0, 1, 4, 5]), _places([2, 3, 6, 7])
        return builder.fadd(builder.shuffle_vector(*pairs, low), builder.shuffle_vector(*pairs, high))

    return FOUR(FOUR, FOUR, FOUR, FOUR), generate


def _zero(vector: VectorType) -> Any:
    def zero(typing_context: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return ir.Constant(ir.VectorType(ir.DoubleType(), vector.width), [0.0] * vector.width)

        return vector(), generate

    return zero


load8: Any = extending.intrinsic(_loader(EIGHT))
load4: Any = extending.intrinsic(_loader(FOUR))
store: Any = extending.intrinsic(_store)
put: Any = extending.intrinsic(_put)
pack: Any = extending.intrinsic(_pack)
spread: Any = extending.intrinsic(_spread)
fused: Any = extending.intrinsic(_fused)
sums: Any = extending.intrinsic(_sums)
zero8: Any = extending.intrinsic(_zero(EIGHT))
zero4: Any = extending.intrinsic(_zero(FOUR))
