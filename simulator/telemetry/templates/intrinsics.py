"""What the numba kernel needs beyond Python's arithmetic: memory at raw addresses, and bytes in wide vectors.

Imported only by the kernel: numba is an optional extra. Its cache looks at the kernel's file alone:
whoever changes this one has to touch that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_BYTE, _INT = ir.IntType(8), ir.IntType(64)
_NOTHING = ir.Constant(_INT, 0)
_HEX_ORDER = [place // 2 + place % 2 * 16 for place in range(32)]
_DASH = 32
_UUID_START = [*range(8), _DASH, *range(8, 12), _DASH, *range(12, 16), _DASH, *range(16, 20), _DASH, *range(20, 28)]
_UUID_END = [*range(28, 32), *[_DASH] * 28]


def _loader(bits: int) -> Any:
    def load(_context: Any, _address: Any) -> Any:
        def code(_: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            loaded = _load(builder, ir.IntType(bits), arguments[0])
            return builder.sext(loaded, _INT) if bits < 64 else loaded

        return types.int64(types.int64), code

    return intrinsic(load)


def _copier(width: int) -> Any:
    def copy(_context: Any, _to: Any, _source: Any) -> Any:
        def code(_: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            _store(builder, _load(builder, ir.VectorType(_BYTE, width), arguments[1]), arguments[0])
            return _NOTHING

        return types.int64(types.int64, types.int64), code

    return intrinsic(copy)


def _storer(bits: int) -> Any:
    def store(_context: Any, _to: Any, _value: Any) -> Any:
        def code(_: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            value = arguments[1] if bits == 64 else builder.trunc(arguments[1], ir.IntType(bits))
            _store(builder, value, arguments[0])
            return _NOTHING

        return types.int64(types.int64, types.int64), code

    return intrinsic(store)


def _zeros_below(_context: Any, _value: Any) -> Any:
    def code(_: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.int64), code


def _hex_writer(dashed: bool) -> Any:
    def write(_context: Any, _to: Any, _source: Any, _gap: Any) -> Any:
        def code(_: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            text = _hex_digits(builder, _load(builder, ir.VectorType(_BYTE, 16), arguments[1]), arguments[2])
            if not dashed:
                _store(builder, text, arguments[0])
                return _NOTHING
            for offset, order in ((0, _UUID_START), (32, _UUID_END)):
                part = builder.shuffle_vector(text, _splat(_BYTE, 32, ord("-")), _vector(ir.IntType(32), order))
                _store(builder, part, builder.add(arguments[0], ir.Constant(_INT, offset)))
            return _NOTHING

        return types.int64(types.int64, types.int64, types.int64), code

    return intrinsic(write)


def _hex_digits(builder: Any, raw: Any, gap: Any) -> Any:
    """Return the 32 digits of 16 bytes; ``gap`` is what lies between the characters 9 and a."""
    upper, lower = builder.lshr(raw, _splat(_BYTE, 16, 4)), builder.and_(raw, _splat(_BYTE, 16, 15))
    digits = builder.shuffle_vector(upper, lower, _vector(ir.IntType(32), _HEX_ORDER))
    gaps = builder.insert_element(_splat(_BYTE, 32, 0), builder.trunc(gap, _BYTE), ir.Constant(ir.IntType(32), 0))
    gaps = builder.shuffle_vector(gaps, gaps, _splat(ir.IntType(32), 32, 0))
    letters = builder.icmp_unsigned(">", digits, _splat(_BYTE, 32, 9))
    return builder.add(builder.add(digits, _splat(_BYTE, 32, 48)), builder.select(letters, gaps, _splat(_BYTE, 32, 0)))


def _splat(kind: Any, lanes: int, value: int) -> Any:
    return _vector(kind, [value] * lanes)


def _vector(kind: Any, values: Sequence[int]) -> Any:
    return ir.Constant(ir.VectorType(kind, len(values)), [ir.Constant(kind, value) for value in values])


def _load(builder: Any, kind: Any, address: Any) -> Any:
    loaded = builder.load(builder.inttoptr(address, kind.as_pointer()))
    loaded.align = 1
    return loaded


def _store(builder: Any, value: Any, address: Any) -> None:
    builder.store(value, builder.inttoptr(address, value.type.as_pointer())).align = 1


load8: Any = _loader(8)
load32: Any = _loader(32)
load64: Any = _loader(64)
store8: Any = _storer(8)
store32: Any = _storer(32)
store64: Any = _storer(64)
copy32: Any = _copier(32)
copy64: Any = _copier(64)
zeros_below: Any = intrinsic(_zeros_below)
hex16: Any = _hex_writer(dashed=False)
uuid16: Any = _hex_writer(dashed=True)
