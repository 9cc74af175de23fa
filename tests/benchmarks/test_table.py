"""The arithmetic of the tables, and that a wrong row is shown as wrong."""

import copy
from typing import Any

import pytest

from benchmarks import checks, plots, table
from benchmarks.__main__ import merged

BASE = "jaxsim f64, backward Euler, flags"
WORK = {"dt": 0.025, "t_end": 20.0}


def row(label: str, turn: int, cost: float, **more: Any) -> dict[str, Any]:
    """One line of a results file."""
    return {
        "label": label,
        "simulator": label.split()[0].lower().rstrip(","),
        "dtype": "float32" if "f32" in label else "float64",
        "round": turn,
        "same": True,
        "exact": True,
        "scheme": "BackwardEuler" if "jaxsim" in label else "",
        "cores": 1,
        "us_per_step": cost,
        "us_per_step_min": 0.9 * cost,
        "us_per_step_max": 1.1 * cost,
        "wall_us_per_step": cost,
        "build_s": 0.1,
        "compile_s": 1.0,
        "peak_rss_mb": 100.0,
        "v_soma": [-65.0, -60.0, 20.0],
        "v_far": [-65.0, -65.0, -64.0],
        "spike_times": [5.0, 10.0],
    } | more


@pytest.fixture
def results() -> dict[str, Any]:
    """Three rounds on a machine that gets slower, so that ratios of medians are not medians of ratios."""
    rows = []
    for turn, (ours, neuron, arbor) in enumerate([(10.0, 40.0, 30.0), (20.0, 100.0, 40.0), (30.0, 90.0, 120.0)]):
        rows += [row(BASE, turn, ours), row("NEURON", turn, neuron), row("Arbor", turn, arbor)]
    absent = {"dtype": "float64", "round": 0, "same": True, "exact": True}
    rows.append(absent | {"label": "Jaxley f64", "simulator": "jaxley", "not_run": "no jaxley"})
    rows.append(absent | {"label": "C f64", "simulator": "c", "error": "gcc:\nno such file"})
    work = {"dt": 0.025, "t_end": 20.0, "batch": 1, "groups": 0, "note": "", "n_comp": 3, "n_step": 800}
    case = {"title": "three", "work": work, "rows": rows}
    machine = {"processor": "test", "cores": 2}
    return {"machine": machine, "dtypes": ["float64"], "rounds": 3, "cases": {"ca1_hh": case}}


def cells(results: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Label -> column -> text."""
    head, *lines = table.case_table(results["cases"]["ca1_hh"])
    return {line[0]: dict(zip(head, line, strict=True)) for line in lines}


def test_ratios_are_taken_inside_a_round(results) -> None:
    groups = table.by_label(results["cases"]["ca1_hh"]["rows"])
    assert table.ratio(groups["NEURON"], groups[BASE]) == 4.0  # of 4, 5, 3; the ratio of medians is 4.5
    assert table.ratio(groups["Arbor"], groups[BASE]) == 3.0  # of 3, 2, 4; the ratio of medians is 2
    assert table.ratio(groups["C f64"], groups[BASE]) is None


def test_medians_and_spread(results) -> None:
    groups = table.by_label(results["cases"]["ca1_hh"]["rows"])
    assert table.median(groups["NEURON"], "us_per_step") == 90.0
    assert table.spread(groups["NEURON"]) == pytest.approx(60.0 / 90.0)
    assert table.spread(groups["NEURON"][:1]) == pytest.approx(0.2)
    assert table.median(groups["Jaxley f64"], "us_per_step") is None


def test_a_row_on_two_cores_is_judged_by_wall_time() -> None:
    assert table.cost(row("jaxsim f64", 0, 8.0, cores=2, wall_us_per_step=5.0)) == 5.0
    assert table.cost(row("jaxsim f64", 0, 8.0, wall_us_per_step=5.0)) == 8.0
    two = row("jaxsim f64", 0, 8.0, cores=2, wall_us_per_step=5.0, wall_us_per_step_min=4.0, wall_us_per_step_max=6.0)
    assert table.spread([two]) == pytest.approx(0.4)


def test_the_table_says_what_did_not_run(results) -> None:
    found = cells(results)
    assert found["Jaxley f64"]["us a step (min)"] == "not run: no jaxley"
    assert found["C f64"]["us a step (min)"] == "failed: gcc: no such file"
    assert found["NEURON"]["/ f64"] == "4.00"
    assert found["NEURON"]["check"] == "reference"
    assert found["Arbor"]["check"] == "ok"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"spike_times": [5.0]}, "1 spikes in place of 2"),
        ({"spike_times": [5.0, 10.02]}, "a spike 0.02 ms off"),
        ({"v_soma": [-65.0, -60.1, 20.0]}, "1.0e-01 mV off"),
        ({"v_far": [-65.0, -65.0, -64.1]}, "1.0e-01 mV off"),
        ({"v_far": [-65.0, -65.0, float("nan")]}, "nan mV off"),
        ({"v_soma": [-65.0, float("nan"), 20.0]}, "voltage is not finite"),
        ({"compiled_again": 2}, "compiled 2 times for other values"),
    ],
)
def test_a_wrong_row_fails_its_check(results, change: dict[str, Any], said: str) -> None:
    for wrong in results["cases"]["ca1_hh"]["rows"]:
        if wrong["label"] == BASE:
            wrong |= change
    assert cells(results)[BASE]["check"] == f"FAILED: {said}"


def test_a_round_that_fails_is_said(results) -> None:
    broken = {k: v for k, v in row("Arbor", 3, 1.0).items() if k in ("label", "simulator", "dtype", "round", "same")}
    results["cases"]["ca1_hh"]["rows"].append(broken | {"exact": True, "error": "killed"})
    assert cells(results)["Arbor"]["check"] == "FAILED: a round failed"


def test_the_reference_is_checked_too(results) -> None:
    for wrong in results["cases"]["ca1_hh"]["rows"]:
        if wrong["label"] == "NEURON":
            wrong["v_soma"] = [-65.0, float("nan"), 20.0]
    found = cells(results)
    assert found["NEURON"]["check"] == "FAILED: voltage is not finite"
    assert found[BASE]["check"].startswith("FAILED: nan mV off")


def test_a_row_without_anything_to_compare_with_is_not_called_ok(results) -> None:
    alone = row("jaxsim f32, backward Euler, flags", 0, 5.0)
    results["cases"]["ca1_hh"]["rows"] = [
        alone,
        row("jaxsim f64, default scheme", 0, 5.0, same=False, scheme="default"),
    ]
    assert table.correct(results["cases"]["ca1_hh"]) == {}
    found = cells(results)
    assert found["jaxsim f32, backward Euler, flags"]["check"] == "not compared"
    assert found["jaxsim f64, default scheme"]["check"] == "not compared"


def test_only_the_limit_from_the_converged_run_grows_and_only_in_long_runs(results) -> None:
    rows = results["cases"]["ca1_hh"]["rows"]
    rows.append({**row("converged", 0, 5.0), "simulator": "reference"})
    same = row("jaxsim f32, backward Euler, flags", 0, 5.0, spike_times=[5.0, 10.03])
    second = row("jaxsim f64, default scheme", 0, 5.0, same=False, spike_times=[5.0, 10.15])
    for t_end in (20.0, 250.0, 500.0):
        assert checks.faults(same, rows, WORK | {"t_end": t_end}) == ["a spike 0.03 ms off"]
    for t_end in (20.0, 250.0):
        assert checks.faults(second, rows, WORK | {"t_end": t_end}) == ["a spike 0.15 ms off"]
    assert checks.faults(second, rows, WORK | {"t_end": 500.0}) == []


def test_a_wrong_row_is_in_no_summary_and_in_no_picture(results) -> None:
    for wrong in results["cases"]["ca1_hh"]["rows"]:
        if wrong["label"] == "Arbor":
            wrong["spike_times"] = [5.0]
    head, line = table.summary(results)
    assert dict(zip(head, line, strict=True))["Arbor /"] == ""
    assert "Arbor" not in plots.best(results["cases"]["ca1_hh"])


def test_a_second_order_row_is_held_against_the_converged_run(results) -> None:
    rows = results["cases"]["ca1_hh"]["rows"]
    late = row("jaxsim f64, default scheme", 0, 5.0, same=False, spike_times=[5.01, 10.3])
    rows += [late, {**row("converged", 0, 5.0, spike_times=[5.0, 10.1]), "simulator": "reference"}]
    assert cells(results)["jaxsim f64, default scheme"]["check"] == "FAILED: a spike 0.2 ms off"
    assert cells(results)["jaxsim f64, default scheme"]["from converged"] == "0.2000 ms"
    late["spike_times"] = [5.0, 10.11]
    assert cells(results)["jaxsim f64, default scheme"]["check"] == "ok"


def test_single_precision_is_judged_by_spikes_and_passive_cells_by_the_error(results) -> None:
    rows = results["cases"]["ca1_hh"]["rows"]
    single = row("jaxsim f32, backward Euler, flags", 0, 5.0, v_soma=[-65.0, -59.0, 20.0])
    assert checks.faults(single, rows, WORK) == []
    for other in (*rows, single):
        other["spike_times"] = []
    assert checks.faults(single, rows, WORK) == ["relative error 6.8e-03"]


def test_a_gradient_is_held_against_double_precision() -> None:
    exact = row(BASE, 0, 5.0, gradient=[1.0, -2.0])
    single = row("jaxsim f32, backward Euler, flags", 0, 5.0, gradient=[1.0, -2.05])
    assert checks.gradient_error(single, [exact, single]) == pytest.approx(0.025)
    assert checks.faults(single, [exact, single], WORK) == ["gradient 2.5e-02 off"]
    assert checks.faults(exact, [exact, single], WORK) == []
    assert checks.faults(exact | {"gradient": [1.0, float("nan")]}, [exact], WORK) == ["gradient is not finite"]


def test_the_summary_divides_peers_by_ours(results) -> None:
    head, line = table.summary(results)
    found = dict(zip(head, line, strict=True))
    assert found["NEURON /"] == "4.00"
    assert found["Arbor /"] == "3.00"
    assert found["us a step"] == "20"
    assert found["Jaxley /"] == found["/ C"] == ""


def test_runs_are_merged_with_rounds_numbered_on(results, tmp_path) -> None:
    import json

    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(results))
    both = merged([tmp_path / "a.json", tmp_path / "b.json"])
    assert both["rounds"] == 6
    turns = [r["round"] for r in both["cases"]["ca1_hh"]["rows"] if r["label"] == BASE]
    assert turns == [0, 1, 2, 3, 4, 5]


def test_the_page_holds_the_tables(results, tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{plots.BEGIN}\nold\n{plots.END}\nafter\n")
    plots.write_page(page, results, [tmp_path / "img" / "benchmarks_cases.svg"])
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| NEURON | 90 (36) |" in text
    assert "(img/benchmarks_cases.svg)" in text


def test_curves_are_drawn(results, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    for size in (10, 100):
        results["cases"][f"sweep_compartments_{size}"] = copy.deepcopy(results["cases"]["ca1_hh"])
    assert plots.curve(results, "compartments")["NEURON"] == ([10, 100], [90.0, 90.0])
    assert plots.draw_curve(results, "compartments", tmp_path / "curve.svg")
    assert plots.draw_cases(results, tmp_path / "cases.svg")
    assert not plots.draw_curve(results, "steps", tmp_path / "none.svg")
    assert {p.name for p in tmp_path.iterdir()} == {"curve.svg", "cases.svg"}
