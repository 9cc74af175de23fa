"""The work-precision diagram on a tiny cell, and the arithmetic of its curves."""

import dataclasses
import itertools
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jaxsim as js
from benchmarks import cases
from benchmarks import work_precision as wp
from benchmarks import work_precision_cases as wp_cases
from benchmarks import work_precision_peers as wp_peers
from benchmarks import work_precision_report as report
from benchmarks.work import Work

PLAN = wp.Plan(
    steps=(0.05, 0.025, 0.0125), finest=0.00625, tolerances=(1e-1, 1e-5), atols=(1e-3, 1e-6), timed=30, rounds=1
)
ORDERS = {"BackwardEuler": 1, "CrankNicolson": 2, "TRBDF2": 2, "DampedCrankNicolson": 2}


def tiny_cell(work: Work) -> js.Cell:
    """A soma with a dendrite; no pulse at a branch's end, where Crank-Nicolson would ring."""
    cell = js.Cell(js.ball_and_stick(10.0, 100.0, 1.0), js.PerBranch([1, 4]), ra=work.ra, cm=work.cm, v=work.v)
    return wp_cases.equipped(cell, work, [cell.loc(0, 0.5), cell.loc(1, 0.625)])


def tiny(name: str) -> wp_cases.Case:
    """A benchmark's channels on the tiny cell."""
    work = cases.get(name).work(True).but(amp=0.4, start=0.2, stop=1e3, t_end=6.0)
    return wp_cases.Case("tiny", work, tiny_cell, 20.0)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The tiny cell's diagram in double precision, with NEURON where it is installed."""
    import jax

    case = tiny("rallpack3")
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"):
        points, about = wp.diagram(case, None, PLAN)
    return {"title": case.title, "about": about, "measure": case.measure, "points": points}


def of(found: dict[str, Any], scheme: str) -> list[report.Point]:
    return [p for p in found["points"] if p.scheme == scheme]


@pytest.mark.parametrize("scheme", ORDERS)
def test_our_schemes_have_their_order(found, scheme: str) -> None:
    points = of(found, scheme)
    assert [p.setting for p in points] == list(PLAN.steps)
    for measure in ("voltage", "spikes"):
        assert report.orders(points, measure)[1:] == pytest.approx([ORDERS[scheme]] * 2, abs=0.25)


def test_a_run_costs_its_steps(found) -> None:
    points = of(found, "DampedCrankNicolson")
    assert [p.seconds for p in points] == pytest.approx([points[0].seconds * k for k in (1, 2, 4)])
    assert points[0].us_per_step == pytest.approx(points[0].seconds / 120 * 1e6)
    assert points[0].us_per_step > 0.0


def test_steps_that_vary_err_less_with_a_smaller_tolerance_and_cost_a_run(found) -> None:
    loose, tight = of(found, "Adaptive")
    assert tight.error["spikes"] < min(1e-3, 0.1 * loose.error["spikes"])
    assert tight.us_per_step is None
    assert tight.seconds > 0.0


def test_neuron_has_our_errors_and_cvode_agrees_with_the_reference(found) -> None:
    if wp_peers.no_neuron(False):
        pytest.skip("NEURON is not installed")
    for ours, theirs in (("BackwardEuler", "NEURON 0"), ("CrankNicolson", "NEURON 2")):
        for a, b in zip(of(found, ours), of(found, theirs), strict=True):
            assert b.error["spikes"] == pytest.approx(a.error["spikes"], rel=0.01)
    loose, tight = of(found, "NEURON CVODE")
    assert tight.error["spikes"] < min(1e-4, 0.1 * loose.error["spikes"])
    assert "CVODE at 1e-09 differs from the reference by voltage" in found["about"]


@pytest.mark.skipif("BENCH_PEERS" not in os.environ, reason="BENCH_PEERS does not name the peers' environment")
def test_arbor_is_first_order() -> None:
    case = dataclasses.replace(tiny("rallpack3"), length=50.0)
    steps = [*PLAN.steps, PLAN.finest, PLAN.finest / 2]
    with wp_peers.arbor_process(f"{os.environ['BENCH_PEERS']}/bin/python", case, steps, (1.0, 0.025)) as arbor:
        assert int(arbor.found["n_cv"]) == 20
        assert min(arbor.seconds(), arbor.seconds()) > 0.0
        traces = [wp.Trace(arbor.found[f"t{k}"], arbor.found[f"v{k}"]) for k in range(5)]
    limit = wp.extrapolated(*traces[-2:], order=1)
    found = [wp.errors("spikes", trace, limit)["spikes"] for trace in traces[:3]]
    assert [math.log2(a / b) for a, b in itertools.pairwise(found)] == pytest.approx([1.0, 1.0], abs=0.25)


def test_pieces_are_one_run(x64) -> None:
    model = tiny_cell(tiny("rallpack3").work).compile()
    trace = wp.our_trace(model, 6.0, 0.05, js.DampedCrankNicolson())
    whole = js.simulate(model, 6.0, 0.05, method=js.DampedCrankNicolson())
    np.testing.assert_allclose(trace.v, whole.v, rtol=0, atol=1e-9)
    np.testing.assert_allclose(trace.t, whole.t, rtol=0, atol=1e-12)
    assert trace.on_grid().shape == (2, 30)


@pytest.mark.parametrize("start", [0.0, 0.03])
def test_crossings_are_those_of_the_cubic(start: float) -> None:
    """A cubic is met exactly; the first crossing lies in the first interval, the last one in the last."""
    t = start + 0.1 * np.arange(21)
    roots = start + np.array([0.04, 1.0, 1.97])
    v = np.prod(t[:, None] - roots, axis=1)
    np.testing.assert_allclose(wp.crossings(t, v), roots[[0, 2]], rtol=0, atol=1e-9)
    assert len(wp.crossings(t, v + 10.0)) == 0


@pytest.mark.parametrize("order", [1, 2])
def test_the_limit_of_small_steps(order: int) -> None:
    """Runs that are late by dt^order: their limit is not late."""

    def run(dt: float) -> wp.Trace:
        t = dt * np.arange(round(4.0 / dt) + 1)
        late = dt**order
        return wp.Trace(t, np.stack([10.0 * np.sin(np.pi * (t - 0.3 - late)), 5.0 * t + late - 7.0]))

    v, spikes = wp.extrapolated(run(0.05), run(0.025), order)
    np.testing.assert_allclose(spikes[0], [0.3, 2.3], atol=1e-5)
    grid = 0.2 * np.arange(1, 21)
    np.testing.assert_allclose(v[1], 5.0 * grid - 7.0, atol=1e-12)
    error = wp.errors("spikes", run(0.05), (v, spikes))
    assert error["spikes"] == pytest.approx((2 * 0.05**order + 0.05**order / 5.0) / 3.0, rel=1e-3)
    assert error["last spike"] == pytest.approx(0.05**order, rel=1e-3)


def test_a_missing_spike_is_no_error_of_spikes() -> None:
    t = 0.1 * np.arange(41)
    trace = wp.Trace(t, np.sin(np.pi * (t - 0.3))[None])
    v = trace.on_grid()
    assert wp.errors("spikes", trace, (v, trace.spikes())) == {"voltage": 0.0, "spikes": 0.0, "last spike": 0.0}
    assert wp.errors("spikes", trace, (v, [np.array([0.3])]))["spikes"] is None
    assert wp.errors("voltage", trace, (v - 2.0, trace.spikes())) == {
        "voltage": pytest.approx(2.0),
        "spikes": None,
        "last spike": None,
    }


@pytest.mark.parametrize(
    ("line", "cost"),
    [
        ([(1.0, 1.0), (2.0, 0.25), (4.0, 0.0625)], report.Cost(math.sqrt(10.0))),
        ([(1.0, 1.0), (2.0, 0.05), (4.0, 0.4), (8.0, 0.025)], report.Cost(8.0 / math.sqrt(2.0))),  # low by accident
        ([(1.0, math.inf), (2.0, 0.2), (4.0, 0.05)], report.Cost(2.0 * math.sqrt(2.0))),
        ([(1.0, 0.05), (2.0, 0.01)], report.Cost(1.0, "<")),
        ([(1.0, math.inf), (2.0, 0.01)], report.Cost(2.0, "<")),
        ([(1.0, 1.6), (2.0, 0.8)], report.Cost(16.0, "~")),
        ([(1.0, 0.3), (2.0, 0.29)], report.Cost(2.0, ">")),  # it does not converge
        ([(1.0, math.inf), (2.0, math.inf)], report.Cost(2.0, ">")),
        ([(1.0, math.inf), (2.0, 0.2)], report.Cost(2.0, ">")),
    ],
)
def test_the_cost_of_an_error(line: list[tuple[float, float]], cost: report.Cost) -> None:
    found = report.cost_at(line, 0.1)
    assert found.sign == cost.sign
    assert found.seconds == pytest.approx(cost.seconds)


def test_turns_are_taken_and_the_first_is_not_counted() -> None:
    calls: list[str] = []
    seconds = {"a": iter([9.0, 1.0, 5.0, 3.0]), "b": iter([9.0, 2.0, 2.0, 8.0]), "dear": iter([70.0, 60.0])}

    def run(name: str) -> float:
        calls.append(name)
        return next(seconds[name])

    runs = {name: lambda name=name: run(name) for name in seconds}
    assert wp.in_turns(runs, 3, budget=20.0) == {"a": 3.0, "b": 2.0, "dear": 60.0}
    assert calls == ["a", "b", "dear"] * 2 + ["a", "b"] * 2


def test_numbers_have_three_digits() -> None:
    shown = [report.three_digits(x) for x in (28647.0, 1000.4, 121.6, 47.86, 1.149, 0.012345)]
    assert shown == ["28,600", "1,000", "122", "47.9", "1.15", "0.0123"]


def test_the_tables_name_the_default_and_what_it_saves(found) -> None:
    assert report.default_scheme() == "DampedCrankNicolson"
    cost = {s: report.cost_at(report.curve(found["points"], s, "spikes"), 0.001) for s in ORDERS}
    assert {c.sign for c in cost.values()} <= {"=", "~"}
    text = report.equal_cost_table({"tiny": found}, 0.001)
    assert "| scheme | tiny, ms for 0.001 ms |" in text
    times = cost["BackwardEuler"].seconds / cost["DampedCrankNicolson"].seconds
    assert f"({report.three_digits(times)} x) |" in next(
        row for row in text.splitlines() if row.startswith("| BackwardEuler")
    )
    assert f"| DampedCrankNicolson (default) | {cost['DampedCrankNicolson']} |" in text
    rows = report.point_table(found["points"], "spikes").splitlines()
    assert len(rows) == 2 + len(found["points"])
    assert len({row.count("|") for row in rows}) == 1


def test_the_picture_has_every_scheme_and_the_default_boldest(found, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    figure = report.plot_work_precision({"a": found, "b": found | {"measure": "voltage"}, "c": found})
    panels = [ax for ax in figure.axes if ax.get_visible()]
    assert len(panels) == 3
    assert [ax.get_ylabel() for ax in panels[:2]] == ["mean error of spike times (ms)", "r.m.s. error of voltages (mV)"]
    schemes = {p.scheme for p in found["points"]}
    named = {line.get_label(): line for line in panels[0].lines if not line.get_label().startswith("_")}
    assert len(named) == len(schemes)
    boldest = max(named.values(), key=lambda line: line.get_linewidth())
    assert boldest.get_label() == "damped Crank-Nicolson (default)"
    assert [text.get_text() for text in figure.legends[0].texts] == list(named)
    figure.savefig(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000


def test_a_finished_run_is_shown_again(found, tmp_path: Path, monkeypatch, capsys) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"tiny": found}, default=dataclasses.asdict))
    monkeypatch.setattr("sys.argv", ["work_precision", "--table", str(path)])
    wp.main()
    assert report.point_table(found["points"], "spikes") in capsys.readouterr().out


@pytest.mark.parametrize("name", wp_cases.CASES)
def test_the_cases(name: str) -> None:
    """Each says what it takes from the benchmarks; peers get every channel and the reversal potentials in use."""
    if not (Path(wp_cases.shapes.data_folder()) / wp_cases.shapes.CA1_FILE).exists() and name.startswith("ca1"):
        pytest.skip("no reference data; set JAXSIM_DATA")
    case = wp_cases.get(name)
    assert case.measure == ("voltage" if name == "rallpack1" else "spikes")
    peers = wp_cases.mechanisms(case.work)
    count = {"rallpack1": 1, "rallpack3": 1, "ca1": 2, "ca1_l5": 9}
    assert len(peers) == count[name]
    assert wp_cases.reversals(case.work) == {
        "rallpack1": {},
        "rallpack3": {"na": 50.0, "k": -77.0},
        "ca1": {"na": 50.0, "k": -77.0},
        "ca1_l5": {"na": 50.0, "k": -85.0},
    }.get(name)
    assert round(case.work.t_end / wp.GRID) * wp.GRID == pytest.approx(case.work.t_end)
    cell = case.cell(case.work)
    assert len(cell.spec().points) == 1
    assert len(cell.spec().probes) == (2 if name.startswith("rallpack") else 4)
