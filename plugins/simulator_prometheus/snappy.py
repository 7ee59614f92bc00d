"""Snappy's block format, as remote write asks for it. Arrow brings the codec."""

from __future__ import annotations

_LARGEST = 64 << 20  # bytes of a body that is read back


def compressed(data: bytes | memoryview) -> bytes:
    """Compress a body."""
    import pyarrow as pa

    found: bytes = pa.compress(pa.py_buffer(data), codec="snappy", asbytes=True)
    return found


def uncompressed(data: bytes) -> bytes:
    """Undo the compression of a body; ValueError says that it is none, or too large."""
    import pyarrow as pa

    size, place = 0, 0
    while place < min(len(data), 5):
        size |= (data[place] & 127) << 7 * place
        place += 1
        if data[place - 1] < 128:
            break
    if size > _LARGEST:
        raise ValueError(f"a body of {size} bytes is more than {_LARGEST}")
    try:
        found: bytes = pa.decompress(data, decompressed_size=size, codec="snappy", asbytes=True)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"the body is not compressed by snappy: {error}") from error
    return found
