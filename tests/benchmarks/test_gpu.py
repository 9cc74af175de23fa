"""The table for a GPU: its rows run here in small, are checked, and stop in time."""

import pytest

from benchmarks import gpu

SMALL = gpu.rows(small=True)


def some(case: str) -> list[gpu.Row]:
    return [row for row in SMALL if row.case.startswith(case) and row.simulator == "jaxsim"]


@pytest.mark.parametrize("case", ["HH points", "L5 cell", "CA1, HH, gradient"])
def test_rows_run_and_agree_with_the_smallest_batch_in_double_precision(case):
    found: list[dict] = []
    for row in some(case):
        line = gpu.attempt(row, found, left=1e9)
        found.append(line)
        line["off"] = gpu.off(line, found)
        assert "error" not in line
        assert line["off"] < (1e-9 if row.dtype == "float64" else 1e-2)
        assert line["us_per_step"] > 0.0
        assert line["gb_per_s"] > 0.0
        assert len(gpu.formatted(line, 1e9).split(" | ")) == len(gpu.COLUMNS)
    assert found[0]["off"] == 0.0
    assert {line["dtype"] for line in found} == {"float32", "float64"}
    assert max(line["batch"] for line in found) > 1


def test_a_wrong_lane_is_seen():
    exact = {"case": "a", "program": "batch", "first_lane": [1.0, 2.0]}
    assert gpu.off(exact | {"first_lane": [1.0, 2.5]}, [exact]) == 0.5
    assert gpu.off(exact | {"program": "gradient", "first_lane": [1.0, 2.5]}, [exact]) == 0.25
    assert gpu.off({"case": "a", "program": "batch"}, [exact]) is None


def test_what_would_not_end_in_time_is_not_tried():
    first, second = some("HH points")[:2]
    large = next(row for row in some("HH points") if row.work.batch > 1 and row.dtype == first.dtype)
    assert gpu.hopeless(first, [], left=1.0) == ""
    assert "0 s are left" in gpu.hopeless(first, [], left=-1.0)
    known = {"case": first.case, "simulator": "jaxsim", "dtype": first.dtype, "batch": 1}
    took = known | {"call_s": 1.0, "compile_s": 2.0}
    assert gpu.hopeless(large, [took], left=2.0 * large.work.batch + 2.1) == ""
    assert "might take" in gpu.hopeless(large, [took], left=2.0 * large.work.batch + 1.9)
    assert "batch 1 failed" in gpu.hopeless(large, [known | {"error": "out of memory"}], left=1e9)
    assert second.dtype != first.dtype
    assert gpu.hopeless(second, [known | {"error": "out of memory"}], left=1e9) == ""


def test_a_peer_begins_only_with_time_to_compile():
    peer = next(row for row in SMALL if row.simulator == "jaxley")
    assert "not tried" in gpu.hopeless(peer, [], left=gpu.PEER_SECONDS - 1.0)
    assert gpu.hopeless(peer, [], left=gpu.PEER_SECONDS + 1.0) == ""


def test_the_table_has_the_sizes_that_a_gpu_is_asked_for():
    sizes = {(row.case, row.work.batch) for row in gpu.rows(small=False) if row.simulator == "jaxsim"}
    assert {("HH points", 1_000_000), ("CA1, HH", 10_000), ("CA1, HH, gradient", 1_024)} <= sizes
    assert any(case.startswith("L5 cell") for case, _ in sizes)
