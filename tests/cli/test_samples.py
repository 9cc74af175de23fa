"""Time series from npz and csv files: what is read, and the sentence for what is not."""

from pathlib import Path

import numpy as np
import pytest

from jaxsim.cli import main
from jaxsim.cli.data import read_samples
from jaxsim.cli.document import Document, InputError, Table
from tests.cli.small import changed, line_of

TRUE = '[target.parameters]\n"HH.gbar_na" = 0.08\n"Leak.gbar" = { basal = 3e-4 }\n'
ROWS = "0.0,-65.0\n0.5,-64.0\n1.0,-63.0\n"


def read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    return read_samples(Table(Document("my.toml", path.parent, ""), (), {"file": path.name}), "v")


@pytest.mark.parametrize(
    "text",
    [ROWS, "t,v\n" + ROWS, ROWS + "\n\n", ROWS + "   \n", "\n\nt,v\n\n" + ROWS, "\ufeff" + ROWS, "t;v [mV]\n" + ROWS],
    ids=["plain", "header", "blank end", "blanks at the end", "blank lines", "byte order mark", "other header"],
)
def test_csv(tmp_path: Path, text: str) -> None:
    (tmp_path / "v.csv").write_text(text, encoding="utf-8")
    t, v = read(tmp_path / "v.csv")
    np.testing.assert_array_equal(t, [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(v, [[-65.0, -64.0, -63.0]])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"t,v\n0.0,1.0\n1.0\n", "line 3 of it is not numbers t, v, ...: '1.0'"),
        (b"t,v\n\n0.0,1.0\n1.0,2.0,3.0\n\n", "line 4 of it is not numbers"),
        (b"\xff\xfe\x00", "no text file"),
        (b"t,v\n", "needs the columns t [ms] and v"),
        (b"\n\n", "needs the columns t [ms] and v"),
    ],
)
def test_wrong_csv(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "v.csv").write_bytes(content)
    with pytest.raises(InputError) as error:
        read(tmp_path / "v.csv")
    assert said in str(error.value)


def write_damaged(path: Path, kind: str) -> None:
    if kind == "an npy":
        with open(path, "wb") as file:
            np.save(file, np.zeros(3))
    elif kind == "a text":
        path.write_text("t,v\n" + ROWS, encoding="utf-8")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "objects":
        np.savez(path, t=np.arange(3.0), v=np.array([None, 1, 2]), allow_pickle=True)
    elif kind == "words":
        np.savez(path, t=np.arange(3.0), v=np.array(["a", "b", "c"]))
    else:
        np.savez(path, t=np.arange(300.0), v=np.zeros((2, 300)))
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(
            content[:middle] if kind == "truncated" else content[:middle] + b"\x01" + content[middle + 1 :]
        )


@pytest.mark.parametrize("kind", ["an npy", "a text", "empty", "objects", "words", "truncated", "damaged"])
def test_file_that_is_no_npz(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_damaged(Path("v.npz"), kind)
    text = changed(('kind = "simulated"', 'kind = "trace"\nfile = "v.npz"'), (TRUE, ""))
    Path("my.toml").write_text(text, encoding="utf-8")
    assert main(["fit", "my.toml"]) == 2
    said = capsys.readouterr()
    where = f"jaxsim: my.toml, line {line_of(text, 'v.npz')}: target.file: "
    what = "v.npz is no npz archive of numbers, or is damaged. Write it with np.savez(file, t=t, v=v).\n"
    assert (said.out, said.err) == ("", where + what)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["my.toml", "v.npz"]
