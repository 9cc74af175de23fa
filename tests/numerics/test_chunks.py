"""How many lanes of a batch lie side by side: what fits the caches, in whole vectors."""

import pytest

from jaxsim.numerics.lanes import _CHUNK_BYTES, _chunks

ROLLED = "--xla_backend_extra_options=xla_cpu_disable_loop_unrolling=true"
NATIVE = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=100000000"


@pytest.mark.parametrize(
    ("lanes_that_fit", "size", "flags", "expected"),
    [
        (8, 64, ROLLED, (8, 8)),
        (8, 64, "", (16, 4)),  # a loop over 8 would be unrolled to scalar instructions
        (8, 8, "", (8, 1)),  # no more lanes than there are
        (4, 64, "", (16, 4)),
        (3, 64, "", (3, 22)),  # 16 would be far beyond the cache
        (1, 5, "", (1, 5)),
        (17, 64, "", (16, 4)),
        (40, 64, ROLLED, (32, 2)),
        (64, 64, "", (64, 1)),
        (100, 30, "", (30, 1)),
    ],
)
def test_lanes_and_number_of_chunks(monkeypatch, lanes_that_fit, size, flags, expected):
    monkeypatch.setenv("XLA_FLAGS", flags)
    assert _chunks(_CHUNK_BYTES // lanes_that_fit // 4, 4, size, 1.0) == expected


@pytest.mark.parametrize(
    ("nodes", "itemsize", "size", "expected"),
    [
        (1, 4, 1024, (256, 4)),  # 1 kB an array
        (1, 8, 1024, (128, 8)),
        (1, 4, 64, (64, 1)),
        (16, 4, 512, (32, 16)),  # rows of 128 bytes
        (16, 8, 512, (16, 32)),
        (689, 4, 64, (16, 4)),  # what the second-level cache holds
        (689, 8, 64, (8, 8)),
    ],
)
def test_a_native_loop_has_chunks_for_the_nearest_cache(monkeypatch, nodes, itemsize, size, expected):
    monkeypatch.setenv("XLA_FLAGS", f"{NATIVE},{ROLLED.partition('=')[2]}")
    assert _chunks(nodes, itemsize, size, 1.0) == expected


@pytest.mark.parametrize(("nodes", "itemsize", "lanes"), [(689, 4, 8), (689, 8, 8), (200, 4, 32), (5000, 8, 1)])
def test_a_step_back_has_half_the_lanes_but_not_fewer_than_eight(monkeypatch, nodes, itemsize, lanes):
    monkeypatch.setenv("XLA_FLAGS", ROLLED)
    assert _chunks(nodes, itemsize, 64, 0.5)[0] == lanes
