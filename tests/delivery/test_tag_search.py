from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.delivery.tag_search import records_with

pieces = st.lists(
    st.sampled_from([b"", b"a", b"ab", b"tag:r0123", b"tag:r012", b"r0123", b"xxxxxxxxxxxxxxxx", b"\xff\x00"]),
    max_size=6,
)


@given(
    records=st.lists(pieces.map(lambda parts: b"".join(parts) + b"\n"), min_size=1, max_size=20),
    needle=st.sampled_from([b"a", b"ab", b"r0123", b"tag:r0123", b"xxxxxxxxxxxx", b"tag:r0123tag:r0123"]),
)
def test_exactly_the_records_that_hold_a_text_are_found(records, needle):
    data = np.frombuffer(b"".join(records), np.uint8)
    ends = np.cumsum([len(record) for record in records])

    assert records_with(data, ends, needle).tolist() == [needle in record for record in records]
