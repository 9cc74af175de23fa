"""`jaxsim fit` from a configuration to its output folder; interruptions; missing extras; the built-in example."""

import builtins
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jaxsim.cli import main
from jaxsim.cli.fit_command import default_document
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


def names(path: str | Path) -> list[str]:
    return sorted(p.name for p in Path(path).iterdir())


def fitted() -> dict[str, Any]:
    return json.loads(Path("out/fitted.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_all_outputs_are_written_and_agree(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "my.toml", "--out", "out"]) == 0
    said = capsys.readouterr()
    assert names(folder) == ["my.toml", "out"]
    assert names("out") == FILES

    found = fitted()
    na = found["parameters"]["HH.gbar_na"]
    assert (na["unit"], na["share"], na["bounds"]) == ("S/cm2", "cell", [0.01, 0.5])
    assert na["values"]["cell"]["start"] == pytest.approx(0.12, rel=1e-5)
    assert na["values"]["cell"]["true"] == pytest.approx(0.08, rel=1e-5)
    assert found["parameters"]["Leak.gbar"]["values"].keys() == {"basal"}
    assert found["loss"]["fitted"] < found["loss"]["start"]
    assert (found["seed"], found["steps"], found["interrupted"]) == (1, 3, False)
    assert found["versions"].keys() >= {"jaxsim", "jax", "optax", "numpy", "python"}

    traces = np.load("out/traces.npz")
    assert traces["t"].shape == (21,)
    assert traces["before"].shape == traces["after"].shape == traces["target"].shape == (2, 21)
    start = np.mean((traces["before"] - traces["target"]) ** 2)
    assert found["loss"]["start"] == pytest.approx(start, rel=1e-3)
    assert f"{na['values']['cell']['fitted']:.4g}" in said.out
    assert "report.html" in said.out.splitlines()[-1]
    assert "gradient" in said.err, "the progress bar"


def test_report_needs_nothing_else(folder: Path) -> None:
    assert main(["fit", "my.toml", "--out", "out"]) == 0
    page = Path("out/report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 3
    assert re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"|url\(|@import|<script", page) == []
    for text in ("HH.gbar_na", "S/cm2", "[simulation]", 'name="viewport"', "prefers-color-scheme: dark"):
        assert text in page


@pytest.mark.usefixtures("no_pictures")
def test_seed_and_steps_come_from_the_command_line(folder: Path) -> None:
    assert main(["fit", "my.toml", "--out", "out", "--seed", "5", "--steps", "2"]) == 0
    first = fitted()
    assert (first["seed"], first["steps"]) == (5, 2)
    for seed, same in (("5", True), ("6", False)):
        assert main(["fit", "my.toml", "--out", "out", "--steps", "2", "--force", "--seed", seed]) == 0
        assert (fitted()["parameters"] == first["parameters"]) is same


def test_force_replaces_only_its_own_files(folder: Path) -> None:
    Path("out").mkdir()
    for name in ("mine.txt", "loss.png"):
        Path("out", name).write_text("old", encoding="utf-8")
    assert main(["fit", "my.toml", "--out", "out", "--force"]) == 0
    assert names("out") == sorted([*FILES, "mine.txt"])
    assert Path("out/mine.txt").read_text(encoding="utf-8") == "old"
    assert Path("out/loss.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.usefixtures("no_pictures")
def test_double_precision_is_for_the_command_only(folder: Path) -> None:
    import jax.numpy as jnp

    Path("my.toml").write_text(changed(('"float32"', '"float64"')), encoding="utf-8")
    assert main(["fit", "my.toml", "--out", "out"]) == 0
    assert np.load("out/traces.npz")["after"].dtype == np.float64
    assert fitted()["parameters"]["HH.gbar_na"]["values"]["cell"]["start"] == pytest.approx(0.12, rel=1e-14)
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
@pytest.mark.parametrize(
    "pairs",
    [
        [('loss = "mse"', 'loss = "windows"\nwindow = 0.5')],
        [('loss = "mse"', 'loss = "mse"\ncausal = 2.0\nstart = 0.5')],
        [('kind = "simulated"', 'kind = "features"'), ('loss = "mse"\n', ""), (TRUE, FEATURES)],
        [("steps = 3", "steps = 3\nclip = 1.0\ndecay = 0.1"), ('"adam"', '"sgd"'), ("= 0.1\nsteps", "= 1e-4\nsteps")],
        [("start = 0.2\nstop", "start = 0.2\nstop"), ("share = \"cell\" }", 'share = "cell", start = 0.2 }')],
        [("[free]\n", '[free]\n"Pulse.amp" = { bounds = [0.0, 1.0], share = "instance" }\n')],
    ],
    ids=["windows", "causal", "features", "sgd", "start", "stimulus"],
)  # fmt: skip
def test_kinds_of_fit_lower_the_loss(folder: Path, pairs: list[tuple[str, str]]) -> None:
    Path("my.toml").write_text(changed(*pairs), encoding="utf-8")
    assert main(["fit", "my.toml", "--out", "out"]) == 0
    assert fitted()["loss"]["fitted"] < fitted()["loss"]["start"]


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("ending", ["npz", "csv"])
def test_a_trace_with_its_own_sampling_is_the_target(folder: Path, ending: str) -> None:
    t = np.arange(0.0, 1.6, 0.03)
    v = np.stack([-65.0 + t, -65.0 - t])
    if ending == "npz":
        np.savez("v.npz", t=t, v=v)
    else:
        np.savetxt("v.csv", np.vstack([t, v]).T, delimiter=",", header="t,soma,tip", comments="")
    trace = f'kind = "trace"\nfile = "v.{ending}"'
    Path("my.toml").write_text(changed(('kind = "simulated"', trace), (TRUE, "")), encoding="utf-8")
    assert main(["fit", "my.toml", "--out", "out"]) == 0
    traces = np.load("out/traces.npz")
    inside = traces["t"] <= t[-1]
    np.testing.assert_allclose(traces["target"][0, inside], -65.0 + traces["t"][inside], atol=1e-5)
    assert np.isnan(traces["target"][:, ~inside]).all()
    assert "true" not in fitted()["parameters"]["HH.gbar_na"]["values"]["cell"]


def interrupting(at: int) -> Callable[..., Any]:
    """In place of the progress bar: Ctrl-C after a step."""
    import contextlib

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


def test_a_real_signal_ends_a_long_fit(folder: Path) -> None:
    words = [sys.executable, "-m", "jaxsim", "fit", "my.toml", "--out", "out", "--steps", "1000000"]
    environment = os.environ | {"PYTHONPATH": str(PACKAGE), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        seen = b""
        while b"gradient" not in seen and child.poll() is None and child.stderr is not None:
            seen += child.stderr.read1()  # type: ignore[attr-defined]
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=60) == 130
    assert names("out") == FILES
    assert fitted()["interrupted"] is True


def test_a_failure_while_writing_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jaxsim.cli.fit_output.report", fail)
    assert main(["fit", "my.toml", "--out", "out"]) == 2
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


def test_numbers_that_are_not_finite_are_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    huge = changed(("amp = 0.2", "amp = 999.0"), ("t_end = 2.0", "t_end = 4.0"), ("stop = 1.5", "stop = 4.0"))
    Path("my.toml").write_text(huge.replace("radius = 2.0", "radius = 1e-12"), encoding="utf-8")
    assert main(["fit", "my.toml", "--out", "out"]) == 2
    assert "my.toml, line" in capsys.readouterr().err
    assert names(folder) == ["my.toml"]


@pytest.mark.slow
def test_the_built_in_example_recovers_its_conductances(folder: Path) -> None:
    assert main(["fit", "--out", "out"]) == 0
    found = fitted()
    errors = [abs(group["relative_error"]) for p in found["parameters"].values() for group in p["values"].values()]
    assert len(errors) == 12
    assert max(errors) < 0.05
    assert found["compartments"] >= 100
