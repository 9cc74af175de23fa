"""How many lanes of a batch lie side by side: what fits the cache, in whole vectors."""

import pytest

from jaxsim.numerics.lanes import _CHUNK_BYTES, _chunks

TOLD = "--xla_backend_extra_options=xla_cpu_disable_loop_unrolling=true"


@pytest.mark.parametrize(
    ("lanes_that_fit", "size", "flags", "expected"),
    [
        (8, 64, TOLD, (8, 8)),
        (8, 64, "", (16, 4)),  # a loop over 8 would be unrolled to scalar instructions
        (8, 8, "", (8, 1)),  # no more lanes than there are
        (4, 64, "", (16, 4)),
        (3, 64, "", (3, 22)),  # 16 would be far beyond the cache
        (1, 5, "", (1, 5)),
        (17, 64, "", (16, 4)),
        (40, 64, TOLD, (32, 2)),
        (64, 64, "", (64, 1)),
        (100, 30, "", (30, 1)),
    ],
)
def test_lanes_and_number_of_chunks(monkeypatch, lanes_that_fit, size, flags, expected):
    monkeypatch.setenv("XLA_FLAGS", flags)
    assert _chunks(_CHUNK_BYTES // lanes_that_fit, size) == expected
