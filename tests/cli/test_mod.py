"""`jaxsim mod`: what it prints, writes and returns."""

import ast

import pytest

from jaxsim.cli import main
from tests.io.mod.channels import CHANNELS

BAD = "NEURON { SUFFIX bad NONSPECIFIC_CURRENT ix POINTER other }\n"


@pytest.fixture
def folder(tmp_path):
    for name in ("guarded", "scheme", "pool"):
        (tmp_path / f"{name}.mod").write_text(CHANNELS[name])
    return tmp_path


def test_a_file_is_described(folder, capsys):
    assert main(["mod", str(folder / "guarded.mod")]) == 0
    said = capsys.readouterr().out
    for part in ("guarded: channel. Sodium channel", "na.e (ena)", "m, h (linear, stepped exactly)", "0.02 S/cm2"):
        assert part in said
    assert "of 1 files" not in said


def test_a_folder_is_its_files(folder, capsys):
    (folder / "readme.txt").write_text("no mechanism")
    assert main(["mod", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "3 of 3 files are mechanisms" in said
    assert "pool: pool." in said
    assert "readme" not in said


def test_a_file_that_is_refused_does_not_stop_the_others(folder, capsys):
    (folder / "bad.mod").write_text(BAD)
    assert main(["mod", str(folder)]) == 2
    said = capsys.readouterr().out
    assert "3 of 4 files are mechanisms" in said
    assert "bad.mod:1" in said
    assert "POINTER other" in said


def test_python_is_written(folder, capsys):
    output = folder / "new" / "python"
    assert main(["mod", str(folder), "--python", str(output)]) == 0
    assert sorted(p.name for p in output.iterdir()) == ["guarded.py", "pool.py", "scheme.py"]
    said = capsys.readouterr().out
    for path in output.iterdir():
        ast.parse(path.read_text())
        assert f"written: {path}" in said


def test_nothing_is_written_of_a_file_that_is_refused(folder):
    (folder / "bad.mod").write_text(BAD)
    output = folder / "python"
    assert main(["mod", str(folder / "bad.mod"), "--python", str(output)]) == 2
    assert not list(output.iterdir())


@pytest.mark.parametrize("name", ["none.mod", "empty"])
def test_what_is_not_there(tmp_path, capsys, name):
    (tmp_path / "empty").mkdir()
    assert main(["mod", str(tmp_path / name)]) == 2
    found = capsys.readouterr()
    assert name in found.out + found.err
    assert "Traceback" not in found.out + found.err
