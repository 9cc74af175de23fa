"""Whatever is wrong: one sentence with file, line, key and fix, exit status 2, and no file written."""

from pathlib import Path

import numpy as np
import pytest

from jaxsim.cli import main
from tests.cli.small import CONFIG, SWC, changed, line_of

Pairs = list[tuple[str, str]]

SHAPE = 'shape = "binary_tree"\ndepth = 2\nlength = 60.0\nradius = 2.0'
TRUE = '[target.parameters]\n"HH.gbar_na" = 0.08\n"Leak.gbar" = { basal = 3e-4 }\n'
GATE = """[[target.features]]
statistic = "mean"
record = 1
window = [0.5, 1.5]
value = 0.1
"""
# A fit to a feature, with a gate in the second record.
FEATURES = [
    ('kind = "simulated"\nloss = "mse"', 'kind = "features"'),
    ("path_distance = 80.0 }", 'path_distance = 80.0 }\nquantity = "HH.m"'),
]

# What is replaced, a part of the line that is to blame, and what the sentence says.
WRONG: list[tuple[Pairs, str, list[str]]] = [
    ([("dt = 0.1", "dt = = 0.1")], "dt = =", ["no valid TOML"]),
    ([("dt = 0.1", "dt = abc")], "dt = abc", ["no valid TOML", "quotes"]),
    ([("dt = 0.1", "step = 0.1")], "step = 0.1", ["simulation.step", "no key 'step'", "Known: 'dt'"]),
    ([("t_end = 2.0", "t_ned = 2.0")], "t_ned", ["did you mean 't_end'?"]),
    ([("[fit]", "[fitt]")], "[fitt]", ["did you mean 'fit'?"]),
    ([("t_end = 2.0\n", "")], "[simulation]", ["t_end is missing", "[ms]"]),
    ([("t_end = 2.0", "t_end = 2.03")], "t_end", ["whole number of steps", "Nearest: 2"]),
    ([("t_end = 2.0", "t_end = -2.0")], "t_end", ["positive", "[ms]", "-2"]),
    ([("dt = 0.1", "dt = true")], "dt = true", ["must be a number [ms]"]),
    ([("amp = 0.2", 'amp = "200 pA"')], "amp", ["stimuli[0].amp", "plain number in nA", "Write amp = 0.2."]),
    ([("amp = 0.2", 'amp = "3 mV"')], "amp", ["Its unit is fixed: nA."]),
    ([("amp = 0.2", 'amp = "big"')], "amp", ["must be a number [nA]"]),
    ([("amp = 0.2", "amp = 2000.0")], "amp", ["beyond any cell", "meant in pA; then write amp = 2"]),
    ([("gbar_leak = 0.0", "gbar_na = 120.0")], "gbar_na", ["meant in mS/cm2; then write gbar_na = 0.12"]),
    ([("stop = 1.5", "stop = 0.1")], "stop", ["must come after start = 0.2 ms"]),
    ([('kind = "pulse"', 'kind = "puls"')], '"puls"', ["did you mean 'pulse'?"]),
    ([('method = "crank_nicolson"', 'method = "cn"')], "method", ["no method 'cn'", "backward_euler"]),
    ([("dt = 0.1", "dt = 0.1\ntolerance = 0.01")], "tolerance", ['belongs to method = "adaptive"', '"crank_nicolson"']),
    ([('"float32"', '"float16"')], "float16", ["did you mean", "float32"]),
    ([('shape = "binary_tree"', 'shape = "binary"')], "binary", ["did you mean 'binary_tree'?"]),
    ([('shape = "binary_tree"\n', "")], "[cell]", ["either morphology", "or shape"]),
    ([("depth = 2", "depth = 2.5")], "depth", ["whole number"]),
    ([("per_branch = 1", "per_branch = 1\nmax_length = 9.0")], "per_branch", ["give one of"]),
    ([*FEATURES, (TRUE, GATE)], "record = 1",
     ["target.features[0].record", "must be the number of a record of the voltage (0)", "got 1, which holds HH.m"]),
    ([*FEATURES, (TRUE, GATE.replace("= 1", "= 2"))], "record = 2",
     ["there are 2 [[records]], numbered from 0, got 2"]),
    ([('name = "HH"', 'name = "HHH"')], "HHH", ["channels[0].name", "no channel 'HHH'", "did you mean 'HH'?"]),
    ([('region = "basal"', 'region = "somma"')], "somma", ["channels[1].region", "no region 'somma'"]),
    ([('region = "basal"', 'region = "soma"')], '"soma"', ["selects no compartment"]),
    ([('region = "basal"', "region = { path_distance = [900.0, 950.0] }")], "900.0", ["selects no compartment"]),
    ([("gbar_leak = 0.0", "gbar_leek = 0.0")], "gbar_leek", ["did you mean 'gbar_leak'?"]),
    ([("{ branch = 0, x = 0.5 }\namp", "{ branch = 9, x = 0.5 }\namp")], "branch = 9", ["branch must be in 0 .. 2"]),
    ([("{ branch = 0, x = 0.5 }\namp", "{ branch = 0, x = 1.5 }\namp")], "x = 1.5", ["location.x", "from 0 to 1"]),
    ([("{ branch = 0, x = 0.5 }\namp", '{ region = "basal" }\namp')], '{ region = "basal" }', ["covers 3 branches"]),
    ([("{ branch = 0, x = 0.5 }\namp", "{ x = 0.5 }\namp")], "{ x = 0.5 }", ["give either region"]),
    ([("x = 0.5 }\n\n[[records]]", 'x = 0.5 }\nquantity = "HH.q"\n\n[[records]]')], "HH.q",
     ["records[0].quantity", "did you mean 'HH.n'?"]),
    ([('"HH.gbar_na" = 0.08', '"HH.gbar_nna" = 0.08')], "nna", ["did you mean 'HH.gbar_na'?"]),
    ([("{ basal = 3e-4 }", "{ apical = 3e-4 }")], "{ apical", ["target.parameters", "selects no compartment"]),
    ([('"HH.gbar_na" = { b', '"HH.gbar_nax" = { b')], "nax", ["no parameter 'HH.gbar_nax'", "did you mean"]),
    ([("[0.01, 0.5]", "[0.5, 0.01]")], "[0.5, 0.01]", ['free."HH.gbar_na".bounds', "lower number must come first"]),
    ([("[0.01, 0.5]", "[0.5]")], "[0.5]", ["two numbers [low, high]"]),
    ([("[0.01, 0.5]", "[0.2, 0.5]")], "[0.2, 0.5]", ["strictly between 0.2 and 0.5", "got 0.1199"]),
    ([('share = "cell"', 'share = "sell"')], "sell", ["did you mean 'cell'?"]),
    ([('share = "cell"', 'share = "cell", start = 0.9')], "0.9", ["between the bounds 0.01 and 0.5, got 0.9"]),
    ([('start = "random"', 'start = "rnadom"')], "rnadom", ["did you mean 'random'?"]),
    ([('optimiser = "adam"', 'optimiser = "adma"')], "adma", ["did you mean 'adam'?"]),
    ([("steps = 3", "steps = 0")], "steps = 0", ["at least 1"]),
    ([("learning_rate = 0.1", "learning_rate = 0.0")], "learning_rate", ["positive"]),
    ([('loss = "mse"', 'loss = "windows"\nwindow = 0.05')], "window = 0.05", ["must hold two steps"]),
    ([('loss = "mse"', 'loss = "windows"\ncausal = 1.0')], "causal", ['works with loss = "mse" only']),
    ([('loss = "mse"', 'loss = "mse"\nstart = 5.0')], "start = 5.0", ["leaves no sample"]),
]  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The sentence of a command that must fail, without its last line end."""
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("jaxsim: ")
    assert said.err.count("\n") == 1, "one sentence, one line"
    return said.err.strip()


@pytest.mark.parametrize(("pairs", "blamed", "said"), WRONG, ids=[str(i) for i in range(len(WRONG))])
def test_configuration_error(
    folder: Path, capsys: pytest.CaptureFixture[str], pairs: Pairs, blamed: str, said: list[str]
) -> None:
    text = changed(*pairs)
    Path("my.toml").write_text(text, encoding="utf-8")
    sentence = refused(capsys, "fit", "my.toml")
    assert f"my.toml, line {line_of(text, blamed)}" in sentence
    assert [part for part in said if part not in sentence] == [], sentence
    assert [p.name for p in folder.iterdir()] == ["my.toml"]


@pytest.mark.parametrize(
    ("section", "said"), [("target", "what to fit to"), ("free", "the parameters to train"), ("records", "to record")]
)
def test_missing_section(folder: Path, capsys: pytest.CaptureFixture[str], section: str, said: str) -> None:
    kept, keep = [], True
    for line in CONFIG.splitlines():
        if line.startswith("["):
            keep = not line.strip("[]").startswith(section)
        kept += [line] if keep else []
    Path("my.toml").write_text("\n".join(kept), encoding="utf-8")
    sentence = refused(capsys, "fit", "my.toml")
    assert said in sentence
    assert f"[{section}]" in sentence


def test_missing_configuration_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my_fit.toml").write_text(CONFIG, encoding="utf-8")
    assert "my_fti.toml: no such configuration file. Did you mean my_fit.toml?" in refused(capsys, "fit", "my_fti.toml")


def test_missing_morphology_names_key_and_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cell.swc").write_text(SWC, encoding="utf-8")
    Path("my.toml").write_text(changed((SHAPE, 'morphology = "cel.swc"')), encoding="utf-8")
    assert "line 2: cell.morphology: no file cel.swc. Did you mean cell.swc?" in refused(capsys, "fit", "my.toml")


def test_bad_morphology_is_blamed_on_its_key(capsys: pytest.CaptureFixture[str]) -> None:
    Path("cell.swc").write_text(SWC.replace("4 3 30 -90 0 0.5 3", "4 3 30 -90 0 0.5 99"), encoding="utf-8")
    Path("my.toml").write_text(changed((SHAPE, 'morphology = "cell.swc"')), encoding="utf-8")
    sentence = refused(capsys, "simulate", "my.toml")
    assert "my.toml, line 2: cell.morphology" in sentence
    assert "99" in sentence


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"t": np.arange(3.0)}, "needs an array 'v'"),
        ({"t": np.arange(3.0), "v": np.zeros((3, 3))}, "holds 3 voltage rows for 2 recorded voltages"),
        ({"t": np.arange(3.0), "v": np.zeros((2, 4))}, "needs t (n_time,) and v (n_row, n_time)"),
        ({"t": np.array([0.0, 2.0, 1.0]), "v": np.zeros((2, 3))}, "must increase"),
        ({"t": np.arange(3.0), "v": np.full((2, 3), np.nan)}, "must be finite"),
        ({"t": 90.0 + np.arange(3.0), "v": np.zeros((2, 3))}, "leaves no sample"),
    ],
)
def test_wrong_target_file(capsys: pytest.CaptureFixture[str], arrays: dict[str, np.ndarray], said: str) -> None:
    np.savez("v.npz", **arrays)  # type: ignore[arg-type]
    trace = 'kind = "trace"\nfile = "v.npz"'
    parameters = '[target.parameters]\n"HH.gbar_na" = 0.08\n"Leak.gbar" = { basal = 3e-4 }\n'
    Path("my.toml").write_text(changed(('kind = "simulated"', trace), (parameters, "")), encoding="utf-8")
    sentence = refused(capsys, "fit", "my.toml")
    assert "my.toml, line" in sentence
    assert said in sentence


def test_full_output_folder_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.toml").write_text(CONFIG, encoding="utf-8")
    Path("out").mkdir()
    Path("out/mine.txt").write_text("keep", encoding="utf-8")
    assert "--out out: the folder is not empty." in refused(capsys, "fit", "my.toml", "--out", "out")
    assert [p.name for p in Path("out").iterdir()] == ["mine.txt"]


def test_output_in_an_absent_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.toml").write_text(CONFIG, encoding="utf-8")
    assert "Make it first." in refused(capsys, "fit", "my.toml", "--out", "absent/out")


def test_output_that_is_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("my.toml").write_text(CONFIG, encoding="utf-8")
    assert "this is a file" in refused(capsys, "fit", "my.toml", "--out", "my.toml")


@pytest.mark.parametrize("words", [[], ["fot"], ["fit", "--steps", "0"], ["fit", "--seed", "x"], ["simulate"]])
def test_wrong_words_give_status_2(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 2
    assert "jaxsim" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("absent.swc", None, "absent.swc: no such file"),
        ("empty.swc", "", "empty.swc"),
        ("bad.swc", "1 1 0 0 zero 5 -1\n", "zero"),
        ("two.swc", SWC + "8 3 0 0 0 1 -1\n9 3 0 9 0 1 8\n", "two.swc"),
    ],
)
def test_info_error(folder: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, said: str) -> None:
    if text is not None:
        Path(name).write_text(text, encoding="utf-8")
    assert said in refused(capsys, "info", name)
    assert list(folder.glob("*.png")) == []
