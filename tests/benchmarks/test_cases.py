"""Every case runs, in small, and its programs do what its peers do."""

import dataclasses
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import cases, job, programs, runner, shapes
from benchmarks.jobs import Setup, missing
from benchmarks.peers import on_c
from benchmarks.work import Work, load

STEPS = 5
NAMES = [*cases.FILES, *cases.sweep(*cases.SWEEPS)]


def tiny(name: str) -> Work:
    """A case's small work for a few steps, with its pulse at the start."""
    work = cases.get(name).work(True)
    return work.but(t_end=STEPS * work.dt, start=0.0)


@pytest.mark.parametrize("name", cases.FILES)
def test_the_program_of_a_case_runs(name: str) -> None:
    """With the package's default scheme; backward Euler is compared with C below."""
    work = tiny(name)
    ours = [row.options for row in cases.get(name).jobs(("float32",)) if row.options.get("scheme") == "default"]
    ours = [options for options in ours if "finer" not in options]
    done = json.loads(json.dumps(programs.run(work, ours[0] | {"repeats": 1, "tune": False})))
    assert done["us_per_step"] > 0.0
    if work.groups:
        assert len(done["gradient"]) == work.groups
        assert np.all(np.isfinite(done["gradient"]))
        assert np.any(np.array(done["gradient"]) != 0.0)
    else:
        assert done["compiled_again"] == 0
        assert done["v_soma"][0] == work.v
        assert np.all(np.isfinite(done["v_soma"]))


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_sound(name: str, small: bool) -> None:
    """Labels differ, no row chooses its core, probes exist, the first is the soma, parents stand before children."""
    case = cases.get(name)
    rows = case.jobs(cases.BOTH)
    labels = [row.label for row in rows]
    assert len(set(labels)) == len(labels)
    assert all("core" not in row.options for row in rows)
    work = case.work(small)
    assert work.probes[0] == 0
    assert max(work.probes) < work.n_comp == sum(work.n)
    assert len(work.parent) == len(work.n) == len(work.length)
    assert all(p < i for i, p in enumerate(work.parent))
    assert work.t_end == pytest.approx(work.n_step * work.dt)


def test_a_work_is_written_and_read(tmp_path) -> None:
    work = cases.get("ca1_hh").work(True)
    work.save(tmp_path / "work.json")
    assert load(tmp_path / "work.json") == work


def test_an_unknown_case_names_the_known_ones() -> None:
    with pytest.raises(SystemExit, match="known: hh_point"):
        cases.get("ca1")


def test_the_synthetic_cell_has_the_size_of_the_traced_one(monkeypatch, tmp_path) -> None:
    traced = shapes.ca1()
    monkeypatch.setenv("JAXSIM_DATA", str(tmp_path))
    made = shapes.ca1()
    assert "synthetic" in made["note"]
    assert len(made["radius"]) == len(traced["radius"]) == 613
    children = np.bincount(np.array(made["parent"][1:]), minlength=len(made["parent"]))
    assert max(children[1:]) == 2


def test_the_traced_cell_keeps_its_membrane() -> None:
    traced = shapes.ca1()
    if "swc" not in traced:
        pytest.skip("no reference data; set JAXSIM_DATA")
    import jaxsim as js

    area = 2.0 * np.pi * np.sum(np.array(traced["radius"]) * np.repeat(traced["length"], traced["n"]))
    assert area == pytest.approx(js.discretise(js.read_swc(traced["swc"]), js.PerBranch(4)).area.sum(), rel=1e-12)


def test_our_cell_has_the_cylinders_of_the_work() -> None:
    work = cases.get("ca1_hh").work(True)
    model = programs.cell(work).compile()
    cable = model.compiled_from.cable
    area = 2.0 * np.pi * np.array(work.radius) * np.repeat(work.length, work.n)
    np.testing.assert_allclose(cable.area * np.asarray(model.radius_scale), area, rtol=1e-6)
    np.testing.assert_array_equal(cable.morphology.parent, work.parent)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")
@pytest.mark.parametrize(
    ("name", "lanes", "order"),
    [("ca1_hh", 1, "breadth"), ("ca1_hh", 1, "depth"), ("cable", 1, "breadth"), ("batch_cells", 2, "breadth")],
)
def test_plain_c_computes_what_we_do(x64, name: str, lanes: int, order: str) -> None:
    """The same equations, scheme and order of probes: voltages agree to the trace's single precision."""
    work = tiny(name)
    work = work.but(t_end=40 * work.dt)
    theirs = on_c.run(work, {"dtype": "float64", "lanes": lanes, "order": order, "repeats": 1})
    program = "batch" if work.batch > 1 else "forward"
    ours = programs.run(work, {"program": program, "scheme": "BackwardEuler", "repeats": 1})
    for key in ("v_soma", "v_far"):
        np.testing.assert_allclose(theirs[key], ours[key], atol=2e-5)
    assert abs(ours["v_soma"][-1] - work.v) > 1.0


def test_spikes_are_interpolated() -> None:
    t = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    assert job.spikes(t, np.array([-10.0, 30.0, -5.0, -5.0, 5.0])) == pytest.approx([0.25, 3.5])


def test_what_is_not_here_is_said() -> None:
    rows = cases.get("ca1_l5pc8").jobs(("float64",))
    said = {row.label: missing(row, Setup()) for row in rows}
    assert said["NEURON"] == "no environment of peers here"
    known = Setup(peers=shapes.data_folder())  # some folder without compiled mechanisms
    neuron = next(row for row in rows if row.label == "NEURON")
    assert missing(neuron, known) == "the .mod files were not given"
    assert missing(dataclasses.replace(neuron, needs="hh"), known) == "no mechanisms 'hh'"


def test_the_command_runs_a_case_and_prints_a_table(tmp_path) -> None:
    """A fresh process for each row, as in a real run."""
    out = tmp_path / "results.json"
    options = [
        "--case",
        "hh_point",
        "--small",
        "--rounds",
        "1",
        "--repeats",
        "2",
        "--dtype",
        "float32",
        "--out",
        str(out),
    ]
    only = ["--only", "f32, backward Euler, flags", "converged"]
    command = [sys.executable, "-m", "benchmarks", *options, *only]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=runner.ROOT)
    assert "### hh_point: HH on one compartment" in done.stdout
    rows = json.loads(out.read_text())["cases"]["hh_point"]["rows"]
    assert [row["label"] for row in rows] == ["converged", "jaxsim f32, backward Euler, flags"]
    assert all("error" not in row for row in rows)
    assert rows[1]["compiled_again"] == 0
    assert len(rows[1]["spike_times"]) == len(rows[0]["spike_times"]) == 1
