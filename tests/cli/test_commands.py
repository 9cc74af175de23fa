"""`jaxsim simulate`, `jaxsim info`, `--version`, and the example cell."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.cli import main
from jaxsim.cli.example_cell import example_cell
from tests.cli.small import CONFIG, SWC, changed

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("my.toml").write_text(CONFIG, encoding="utf-8")
    Path("cell.swc").write_text(SWC, encoding="utf-8")
    return tmp_path


ADAPTIVE = 'method = "adaptive"\ntolerance = 0.1\nlongest = 0.2'


@pytest.mark.parametrize(
    ("given", "method"),
    [('method = "crank_nicolson"', js.CrankNicolson()), (ADAPTIVE, js.Adaptive(tolerance=0.1, longest=0.2))],
)
def test_simulate_keeps_what_the_same_program_in_python_gives(
    capsys: pytest.CaptureFixture[str], given: str, method: Any
) -> None:
    Path("my.toml").write_text(CONFIG.replace('method = "crank_nicolson"', given), encoding="utf-8")
    assert main(["simulate", "my.toml", "--out", "out"]) == 0
    kept = np.load("out/recording.npz")
    cell = js.Cell(js.binary_tree(2, 60.0, 2.0), js.PerBranch(1), ra=100.0)
    cell.insert(js.HH(gbar_leak=0.0)).insert(js.Leak())
    cell.stimulate(cell.loc(0, 0.5), js.Pulse(0.2, 0.2, 1.5)).record(cell.loc(0, 0.5))
    expected = js.simulate(cell.compile(), 2.0, 0.1, method=method)
    np.testing.assert_array_equal(kept["v"][0], expected.v[0])
    np.testing.assert_array_equal(kept["t"], expected.t)
    assert Path("out/voltage.png").exists()
    assert "basal[0](0.5)" in capsys.readouterr().out


def test_simulate_needs_no_target() -> None:
    Path("bare.toml").write_text(CONFIG[: CONFIG.index("[target]")], encoding="utf-8")
    assert main(["simulate", "bare.toml"]) == 0
    assert sorted(p.name for p in Path("bare_simulation").iterdir()) == ["recording.npz", "voltage.png"]


def test_parameters_by_region_are_set() -> None:
    shape = 'shape = "binary_tree"\ndepth = 2\nlength = 60.0\nradius = 2.0'
    values = '[parameters]\ncm = { all = 1.0, apical = 2.0 }\n"Leak.gbar" = { basal = 1e-3 }\n\n[simulation]'
    text = changed((shape, 'morphology = "cell.swc"'), ("[simulation]", values))
    Path("my.toml").write_text(text, encoding="utf-8")
    assert main(["simulate", "my.toml", "--out", "a"]) == 0
    Path("my.toml").write_text(text.replace("apical = 2.0", "apical = 1.0"), encoding="utf-8")
    assert main(["simulate", "my.toml", "--out", "b"]) == 0
    assert not np.array_equal(np.load("a/recording.npz")["v"], np.load("b/recording.npz")["v"])


@pytest.mark.parametrize("ending", ["npz", "csv"])
def test_a_sampled_current_equals_the_pulse_that_it_holds(ending: str) -> None:
    t = np.arange(0.0, 2.05, 0.05)
    i = np.full_like(t, 0.2)
    if ending == "npz":
        np.savez("i.npz", t=t, i=i)
    else:
        np.savetxt("i.csv", np.stack([t, i], axis=1), delimiter=",")
    pulse = 'kind = "pulse"\nlocation = { branch = 0, x = 0.5 }\namp = 0.2\nstart = 0.2\nstop = 1.5'
    sampled = f'kind = "samples"\nlocation = {{ branch = 0, x = 0.5 }}\nfile = "i.{ending}"'
    Path("a.toml").write_text(changed((pulse, sampled)), encoding="utf-8")
    Path("b.toml").write_text(changed(("start = 0.2\nstop = 1.5", "start = 0.0\nstop = 2.5")), encoding="utf-8")
    assert main(["simulate", "a.toml", "--out", "a"]) == main(["simulate", "b.toml", "--out", "b"]) == 0
    np.testing.assert_allclose(np.load("a/recording.npz")["v"], np.load("b/recording.npz")["v"], atol=1e-3)


@pytest.mark.parametrize(("kind", "stimulus"), [
    ('kind = "alpha"\namp = 0.2\nstart = 0.2\ntau = 0.5', js.AlphaCurrent(amp=0.2, start=0.2, tau=0.5)),
    ('kind = "sine"\namp = 0.2\nfrequency = 500.0\nstart = 0.2\nstop = 1.5', js.Sine(0.2, 500.0, 0.2, 1.5)),
    ('kind = "chirp"\namp = 0.2\nfirst = 100.0\nlast = 900.0\nstart = 0.2\nstop = 1.5',
     js.Chirp(0.2, 100.0, 900.0, 0.2, 1.5)),
])  # fmt: skip
def test_a_current_is_that_of_its_class(kind: str, stimulus: js.AbstractStimulus) -> None:
    t = np.arange(0.05, 2.5, 0.1)  # the middles of the steps
    i = np.asarray(jax.vmap(stimulus.current)(t.astype(np.float32)))
    np.savetxt("i.csv", np.stack([t, i], axis=1), delimiter=",")
    place = "\nlocation = { branch = 0, x = 0.5 }\n"
    pulse = f'kind = "pulse"{place}amp = 0.2\nstart = 0.2\nstop = 1.5'
    first, _, rest = kind.partition("\n")
    Path("a.toml").write_text(changed((pulse, first + place + rest)), encoding="utf-8")
    Path("b.toml").write_text(changed((pulse, f'kind = "samples"{place}file = "i.csv"')), encoding="utf-8")
    assert main(["simulate", "a.toml", "--out", "a"]) == main(["simulate", "b.toml", "--out", "b"]) == 0
    np.testing.assert_allclose(np.load("a/recording.npz")["v"], np.load("b/recording.npz")["v"], atol=1e-3)


def test_recorded_gates_and_currents_are_kept() -> None:
    gate = 'x = 0.5 }\nquantity = "HH.m"\n\n[[records]]'
    Path("my.toml").write_text(changed(("x = 0.5 }\n\n[[records]]", gate)), encoding="utf-8")
    assert main(["simulate", "my.toml", "--out", "out"]) == 0
    kept = np.load("out/recording.npz")
    assert kept["HH.m"].shape == (1, 21)
    assert np.all((kept["HH.m"] > 0.0) & (kept["HH.m"] < 1.0))
    assert Path("out/HH.m.png").exists()


def test_info_prints_the_table_and_draws(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "cell.swc"]) == 0
    said = capsys.readouterr().out
    for text in ("points", "3 tips", "soma", "basal", "apical", "written: cell.png"):
        assert text in said
    assert Path("cell.png").read_bytes()[:4] == b"\x89PNG"


def test_info_draws_where_it_is_told(folder: Path) -> None:
    assert main(["info", "cell.swc", "--out", "other.png"]) == 0
    assert sorted(p.name for p in folder.glob("*.png")) == ["other.png"]


def test_info_without_a_picture(folder: Path) -> None:
    assert main(["info", "cell.swc", "--no-picture"]) == 0
    assert list(folder.glob("*.png")) == []


def test_info_shows_warnings_once(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line.split() for line in SWC.splitlines()[1:]]
    scaled = [[n, tag, *(str(1000 * float(x)) for x in values), parent] for n, tag, *values, parent in rows]
    Path("nm.swc").write_text("\n".join(" ".join(row) for row in scaled), encoding="utf-8")
    assert main(["info", "nm.swc", "--no-picture"]) == 0
    said = capsys.readouterr()
    assert said.out.count("probably nanometres") == 1
    assert said.err == ""


@pytest.mark.parametrize("picture", ["absent/cell.png", ".", "cell.xyz"])
def test_info_into_a_wrong_place_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], picture: str) -> None:
    assert main(["info", "cell.swc", "--out", picture]) == 2
    assert f"--out {picture}: " in capsys.readouterr().err
    assert sorted(p.name for p in folder.iterdir()) == ["cell.swc", "my.toml"]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"jaxsim {js.__version__}\n"


def test_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "jaxsim", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"jaxsim {js.__version__}\n")


def test_example_cell_is_always_the_same_and_has_all_regions() -> None:
    a, b = example_cell(), example_cell()
    np.testing.assert_array_equal(a.xyz, b.xyz)
    assert set(a.region_names()) == {"soma", "axon", "basal", "apical", "dendrite"}
    assert js.discretise(a, js.MaxLength(30.0)).n_comp >= 100
    assert js.summary(a).warnings == ()


def test_info_of_a_file_with_several_trees_and_zero_radii(capsys: pytest.CaptureFixture[str]) -> None:
    """The refusal names the flags, and they work."""
    Path("two.swc").write_text("1 1 0 0 0 1 -1\n2 3 1 0 0 1 1\n3 1 5 0 0 1 -1\n4 3 6 0 0 0 3\n5 3 7 0 0 1 4\n")
    assert main(["info", "two.swc", "--no-picture"]) == 2
    assert "--root ID, or the one with most points with --largest" in capsys.readouterr().err
    for choice in (["--largest"], ["--root", "3"]):
        assert main(["info", "two.swc", "--no-picture", *choice]) == 2
        assert "--min-radius UM" in capsys.readouterr().err
        assert main(["info", "two.swc", "--no-picture", "--min-radius", "0.5", *choice]) == 0
        assert "basal              1          1.0" in capsys.readouterr().out
