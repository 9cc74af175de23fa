"""`jaxsim fit` from a configuration to its output folder; interruptions; missing extras; the built-in example."""

import builtins
import contextlib
import dataclasses
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxsim as js
from jaxsim.cli import build, main
from jaxsim.cli.config import read_config
from jaxsim.cli.document import InputError, read_document
from jaxsim.cli.fit_command import default_document
from jaxsim.cli.fit_output import _morphology
from jaxsim.cli.folder import whole_folder
from jaxsim.cli.training import Problem, problem
from jaxsim.fit.losses import causal_mse
from jaxsim.fit.progress import Progress
from tests.cli.small import CONFIG, changed

FILES = ["fitted.json", "loss.png", "morphology.png", "report.html", "traces.npz", "voltage.png"]
PACKAGE = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("my.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jaxsim.cli.fit_output._pictures", lambda *_: None)


@dataclasses.dataclass(frozen=True)
class Finished:
    """A fit that ran once for several tests: its folder, and what it said."""

    out: Path
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    home = tmp_path_factory.mktemp("fit")
    (home / "my.toml").write_text(CONFIG, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        assert main(["fit", str(home / "my.toml"), "--out", str(home / "out")]) == 0
    assert names(home) == ["my.toml", "out"]
    return Finished(home / "out", out.getvalue(), err.getvalue())


def names(path: str | Path) -> list[str]:
    return sorted(p.name for p in Path(path).iterdir())


def fitted(out: str | Path = "out") -> dict[str, Any]:
    return json.loads(Path(out, "fitted.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_all_outputs_are_written(finished: Finished) -> None:
    assert names(finished.out) == FILES


def test_json_holds_parameters_and_facts(finished: Finished) -> None:
    found = fitted(finished.out)
    na = found["parameters"]["HH.gbar_na"]
    assert (na["unit"], na["share"], na["bounds"]) == ("S/cm2", "cell", [0.01, 0.5])
    assert na["values"]["cell"]["start"] == pytest.approx(0.12, rel=1e-5)
    assert na["values"]["cell"]["true"] == pytest.approx(0.08, rel=1e-5)
    assert found["parameters"]["Leak.gbar"]["values"].keys() == {"basal"}
    assert found["loss"]["fitted"] < found["loss"]["start"]
    assert (found["seed"], found["steps"], found["interrupted"]) == (1, 3, False)
    assert found["versions"].keys() >= {"jaxsim", "jax", "optax", "numpy", "python"}


def test_traces_give_the_loss(finished: Finished) -> None:
    traces, loss = np.load(finished.out / "traces.npz"), fitted(finished.out)["loss"]
    assert traces["t"].shape == (21,)
    for name, key in (("before", "start"), ("after", "fitted")):
        assert loss[key] == pytest.approx(np.mean((traces[name] - traces["target"]) ** 2), rel=1e-3)


def test_terminal_shows_table_path_and_progress(finished: Finished) -> None:
    value = fitted(finished.out)["parameters"]["HH.gbar_na"]["values"]["cell"]["fitted"]
    assert f"{value:.4g}" in finished.stdout
    assert finished.stdout.splitlines()[-1] == f"written: {finished.out / 'report.html'}"
    for text in ("loss", "gradient", "3/3", " < "):  # elapsed < left
        assert text in finished.stderr


def test_report_needs_nothing_else(finished: Finished) -> None:
    page = (finished.out / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 3
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"|url\(|@import|<script", page) == []
    for text in ("HH.gbar_na", "S/cm2", "[simulation]", 'name="viewport"', "prefers-color-scheme: dark"):
        assert text in page


@pytest.mark.usefixtures("no_pictures")
def test_force_replaces_only_its_own_files_and_the_seed_decides(finished: Finished) -> None:
    Path("out").mkdir()
    for name in ("mine.txt", "fitted.json"):
        Path("out", name).write_text("old", encoding="utf-8")
    assert main(["fit", "my.toml", "--out", "out", "--force"]) == 0
    assert names("out") == ["fitted.json", "mine.txt", "report.html", "traces.npz"]
    assert Path("out/mine.txt").read_text(encoding="utf-8") == "old"
    assert fitted()["parameters"] == fitted(finished.out)["parameters"]


@pytest.mark.usefixtures("no_pictures")
def test_seed_and_steps_come_from_the_command_line(finished: Finished) -> None:
    assert main(["fit", "my.toml", "--seed", "5", "--steps", "2"]) == 0
    assert (fitted("my_fit")["seed"], fitted("my_fit")["steps"]) == (5, 2)
    start = [fitted(out)["parameters"]["Leak.gbar"]["values"]["basal"]["start"] for out in ("my_fit", finished.out)]
    assert start[0] != start[1]


def test_double_precision_is_for_the_command_only() -> None:
    Path("my.toml").write_text(changed(('"float32"', '"float64"')), encoding="utf-8")
    assert main(["simulate", "my.toml", "--out", "out"]) == 0
    assert np.load("out/recording.npz")["v"].dtype == np.float64
    assert jnp.zeros(1).dtype == np.float32


TRUE = '[target.parameters]\n"HH.gbar_na" = 0.08\n"Leak.gbar" = { basal = 3e-4 }\n'
FEATURES = """
[[target.features]]
statistic = "mean"
record = 1
window = [0.5, 1.5]
value = -60.0
scale = 2.0

[[target.features]]
statistic = "sd"
window = [0.5, 1.5]
value = 1.0
"""


@pytest.mark.usefixtures("no_pictures")
def test_other_optimiser_and_loss_lower_the_loss() -> None:
    pairs = [
        ("steps = 3", "steps = 3\nclip = 1.0\ndecay = 0.1"),
        ('"adam"', '"sgd"'),
        ("= 0.1\nsteps", "= 1e-2\nsteps"),
    ]
    Path("my.toml").write_text(changed(*pairs, ('loss = "mse"', 'loss = "mse"\ncausal = 2.0')), encoding="utf-8")
    assert main(["fit", "my.toml", "--out", "out"]) == 0
    assert fitted()["loss"]["fitted"] < fitted()["loss"]["start"]


def ready(*pairs: tuple[str, str]) -> Problem:
    """The problem of the configuration with some text replaced."""
    Path("my.toml").write_text(changed(*pairs), encoding="utf-8")
    return problem(read_config(read_document(Path("my.toml")), fitting=True))


def test_start_values_are_numbers_of_the_cell_or_drawn() -> None:
    p = ready(
        ('share = "cell" }', 'share = "cell", start = 0.2 }'),
        ("[free]\n", '[free]\n"Pulse.amp" = { bounds = [0.0, 1.0], share = "instance" }\n'),
    )
    start = p.free.values(p.theta)
    assert float(start["HH.gbar_na"][0]) == pytest.approx(0.2, rel=1e-5)
    assert float(start["Pulse.amp"][0]) == pytest.approx(0.2, rel=1e-5)  # the stimulus's own
    drawn = float(start["Leak.gbar"][0])
    assert 1e-5 < drawn < 1e-3
    assert drawn != pytest.approx(1e-4, rel=1e-3)


def test_windows_compare_means_and_deviations() -> None:
    p = ready(('loss = "mse"', 'loss = "windows"\nwindow = 0.5\nstart = 0.5'))
    v = np.random.default_rng(0).normal(-60.0, 5.0, (2, 21)).astype(np.float32)
    assert p.objective.target is not None
    parts = [(rows[:, k : k + 5]) for rows in (v, p.objective.target) for k in (5, 10, 15)]
    found, aim = np.array([[x.mean(axis=1), x.std(axis=1)] for x in parts]).reshape(2, -1)
    assert float(p.objective.loss(jnp.asarray(v))) == pytest.approx(np.mean((found - aim) ** 2), rel=1e-4)


def test_features_are_statistics_of_one_record_in_a_window() -> None:
    p = ready(('kind = "simulated"', 'kind = "features"'), ('loss = "mse"\n', ""), (TRUE, FEATURES))
    v = np.random.default_rng(0).normal(-60.0, 5.0, (2, 21)).astype(np.float32)
    mean, sd = v[1, 5:16].mean(), v[0, 5:16].std()
    expected = (((mean + 60.0) / 2.0) ** 2 + (sd - 1.0) ** 2) / 2
    assert p.objective.target is None
    assert float(p.objective.loss(jnp.asarray(v))) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("ending", ["npz", "csv"])
def test_a_trace_with_its_own_sampling_is_the_target(ending: str) -> None:
    t = np.arange(0.0, 1.6, 0.03)
    v = np.stack([-65.0 + t, -65.0 - t])
    if ending == "npz":
        np.savez("v.npz", t=t, v=v)
    else:
        np.savetxt("v.csv", np.vstack([t, v]).T, delimiter=",", header="t,soma,tip", comments="")
    trace = f'kind = "trace"\nfile = "v.{ending}"'
    p = ready(('kind = "simulated"', trace), (TRUE, ""))
    times = 0.1 * np.arange(21)
    inside = times <= t[-1]
    assert p.true is None
    assert p.objective.target is not None
    np.testing.assert_allclose(p.objective.target[0, inside], -65.0 + times[inside], atol=1e-12)
    assert np.isnan(p.objective.target[:, ~inside]).all()
    exact = jnp.asarray(np.nan_to_num(p.objective.target), jnp.float32)
    assert p.objective.loss(exact) == 0.0
    assert p.objective.loss(exact + 2.0) == pytest.approx(4.0, rel=1e-5)


def test_causal_is_the_loss_of_the_samples_that_count() -> None:
    p = ready(('loss = "mse"', 'loss = "mse"\ncausal = 3.0\nstart = 0.5'))
    v = jnp.asarray(np.random.default_rng(0).normal(-60.0, 5.0, (2, 21)), jnp.float32)
    assert p.objective.target is not None
    expected = jax.grad(lambda v: causal_mse(v[:, 5:], p.objective.target[:, 5:], 3.0))(v)
    np.testing.assert_array_equal(jax.grad(p.objective.loss)(v), expected)
    assert np.any(np.asarray(expected)[:, 5:] != 0.0)


def test_a_feature_names_its_record_by_the_index_among_all() -> None:
    gate = '[[records]]\nlocation = { branch = 0, x = 0.5 }\nquantity = "HH.m"\n\n[[records]]'
    features = FEATURES.replace("record = 1", "record = 2").replace('"sd"', '"sd"\nrecord = 1')
    pairs = ('kind = "simulated"', 'kind = "features"'), ('loss = "mse"\n', ""), (TRUE, features)
    p = ready(("[[records]]", gate), *pairs)
    v = np.random.default_rng(0).normal(-60.0, 5.0, (2, 21)).astype(np.float32)
    mean, sd = v[1, 5:16].mean(), v[0, 5:16].std()
    expected = (((mean + 60.0) / 2.0) ** 2 + (sd - 1.0) ** 2) / 2
    assert [probe.what for probe in p.model.compiled_from.probes] == ["HH.m", "v", "v"]
    assert float(p.objective.loss(jnp.asarray(v))) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("n", [0, 1, 3, 4, 7])
def test_every_fitted_parameter_of_the_membrane_is_drawn(
    n: int, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    del finished  # the program that it compiled is used again
    every = [f"HH.{name}" for name in ("gbar_na", "gbar_k", "gbar_leak", "e_na", "e_k")] + ["Leak.gbar", "Leak.e"]
    p = ready()
    freed = js.free(p.model, {name: js.Bounded(-1e3, 1e3) for name in every[:n]} or {"Pulse.amp": js.Unbounded()})
    theta = freed.read(p.model)
    run = SimpleNamespace(
        problem=dataclasses.replace(p, free=freed), outcome=SimpleNamespace(result=SimpleNamespace(theta=theta))
    )
    figure = _morphology(run)  # type: ignore[arg-type]
    labels = [axes.get_ylabel() for axes in figure.axes if axes.get_ylabel()]
    assert [label.partition(" ")[0] for label in labels] == every[:n]


def test_the_nearest_compartment_is_found_in_a_long_branch() -> None:
    text = changed(
        ("length = 60.0", "length = 5000.0"), ("depth = 2", "depth = 1"), ("per_branch = 1", "per_branch = 5000")
    )
    text = text.replace('{ region = "basal", path_distance = 80.0 }', "{ branch = 0, path_distance = 1234.5 }")
    Path("my.toml").write_text(text[: text.index("[target]")], encoding="utf-8")
    cell = build.cell(read_config(read_document(Path("my.toml")), fitting=False))
    assert cell.spec().probes[1].node == int(np.argmin(np.abs(cell.cable.distance - 1234.5)))


def interrupting(at: int) -> Callable[..., Any]:
    """In place of the progress bar: Ctrl-C after a step."""

    def report(now: Progress) -> None:
        if now.step == at:
            raise KeyboardInterrupt

    return lambda steps: contextlib.nullcontext(report)


def test_interruption_keeps_what_was_reached(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jaxsim.cli.progress.shown", interrupting(2))
    assert main(["fit", "my.toml", "--out", "out"]) == 130
    assert names("out") == FILES
    assert fitted()["interrupted"] is True
    assert fitted()["steps"] == 2
    assert "Interrupted" in Path("out/report.html").read_text(encoding="utf-8")
    assert "interrupted after 2 of 3 steps" in capsys.readouterr().err


def test_interruption_before_the_first_step_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jaxsim.cli.fit_command.train", stop)
    assert main(["fit", "my.toml", "--out", "out"]) == 130
    assert names(folder) == ["my.toml"]
    assert "nothing was written" in capsys.readouterr().err


@pytest.mark.slow
def test_a_real_signal_ends_a_long_fit(compiler_cache: Path) -> None:
    words = [sys.executable, "-m", "jaxsim", "fit", "my.toml", "--out", "out", "--steps", "1000000"]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE), "PYTHONUNBUFFERED": "1"}
    environment |= {"JAX_COMPILATION_CACHE_DIR": str(compiler_cache)}
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        seen = b""
        while b"gradient" not in seen and child.poll() is None and child.stderr is not None:
            seen += child.stderr.read1()  # type: ignore[attr-defined]
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=60) == 130
    assert names("out") == FILES
    assert fitted()["interrupted"] is True


def test_a_failure_while_writing_leaves_nothing(folder: Path) -> None:
    def write() -> None:
        with whole_folder(Path("out")) as part:
            (part / "half.txt").write_text("half", encoding="utf-8")
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left"):
        write()
    assert names(folder) == ["my.toml"]


def test_without_extras_the_fit_runs_and_says_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    true_import = builtins.__import__

    def absent(name: str, *rest: Any, **named: Any) -> Any:
        if name.split(".")[0] in {"matplotlib", "tqdm"}:
            raise ImportError(name)
        return true_import(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert main(["fit", "my.toml", "--out", "out"]) == 0
    said = capsys.readouterr().err
    assert said.count("pip install 'jaxsim-neuro[plot]'") == 2
    assert "step 3/3" in said
    assert names("out") == ["fitted.json", "report.html", "traces.npz"]


def test_printed_configuration_is_the_built_in_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "--print-config"]) == 0
    assert capsys.readouterr().out == default_document().text


def test_what_stops_a_fit_is_blamed_on_its_section(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fit(*_: object, **__: object) -> None:
        raise ValueError("a fit needs a finite start.")

    monkeypatch.setattr("jaxsim.cli.training.fit", fit)
    assert main(["fit", "my.toml", "--out", "out"]) == 2
    line = CONFIG.splitlines().index("[fit]") + 1
    assert capsys.readouterr().err.endswith(f"my.toml, line {line}: fit: a fit needs a finite start.\n")
    assert names(folder) == ["my.toml"]


@pytest.mark.slow
def test_the_built_in_example_recovers_its_conductances(folder: Path) -> None:
    assert main(["fit", "--out", "out"]) == 0
    found = fitted()
    errors = [abs(group["relative_error"]) for p in found["parameters"].values() for group in p["values"].values()]
    assert len(errors) == 12
    assert max(errors) < 0.05
    assert found["compartments"] >= 100
