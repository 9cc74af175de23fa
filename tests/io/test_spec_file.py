"""A saved specification loads as the same cell."""

import jax
import numpy as np
import pytest

import jaxsim as js
from jaxsim.io.spec_file import load_spec, save_spec


@js.struct
class Own(js.AbstractChannel):
    """A leak under another name."""

    gbar: js.units.S_per_cm2 = 1e-4

    def current(self, v, gate):
        return self.gbar * (v + 65.0)


def _cell(own=False):
    cell = js.Cell(js.ball_and_stick(10.0, 200.0, 1.0), js.PerBranch([1, 5]), ra=100.0)
    cell.at("soma").insert(js.HH(gbar_na=0.15))
    cell.insert(Own() if own else js.Leak())
    soma = cell.loc("soma")
    cell.stimulate(soma, js.Pulse(amp=0.4, start=1.0))
    cell.stimulate(cell.loc(1, 1.0), js.Samples(np.linspace(0.0, 0.1, 7), dt=0.5, hold=True))
    return cell.record([soma, cell.loc(1, 0.9)]).record(soma, "HH.m")


def test_saved_and_loaded_runs_to_the_same_bits(tmp_path):
    spec = _cell().spec()
    save_spec(spec, tmp_path / "cell.npz")
    models = [js.compile_model(s) for s in (spec, load_spec(tmp_path / "cell.npz"))]
    a, b = (js.simulate(m, 5.0) for m in models)
    np.testing.assert_array_equal(a.v, b.v)
    np.testing.assert_array_equal(a["HH.m"], b["HH.m"])
    assert a.probes == b.probes
    assert jax.tree.structure(models[0].wiring) == jax.tree.structure(models[1].wiring)
    assert [p.name for p in tmp_path.iterdir()] == ["cell.npz"]


def test_a_class_of_ones_own_is_given(tmp_path):
    save_spec(_cell(own=True).spec(), tmp_path / "cell.npz")
    with pytest.raises(KeyError, match=r"no mechanism class 'Own'.*load_spec\(path, mechanisms=\[Own\]\)"):
        load_spec(tmp_path / "cell.npz")
    assert isinstance(load_spec(tmp_path / "cell.npz", [Own]).densities[1].mechanism, Own)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "cell.npz").write_text("no archive")
    with pytest.raises(ValueError, match="must be a file written by save_spec"):
        load_spec(tmp_path / "cell.npz")
    with pytest.raises(FileNotFoundError):
        load_spec(tmp_path / "absent.npz")


@pytest.mark.parametrize("part", [0.02, 0.5, 0.99])
def test_truncated_file_is_refused(tmp_path, part):
    save_spec(_cell().spec(), tmp_path / "cell.npz")
    content = (tmp_path / "cell.npz").read_bytes()
    (tmp_path / "cell.npz").write_bytes(content[: int(part * len(content))])
    with pytest.raises(ValueError, match="must be a file written by save_spec"):
        load_spec(tmp_path / "cell.npz")


def test_damaged_file_is_refused(tmp_path):
    save_spec(_cell().spec(), tmp_path / "cell.npz")
    content = bytearray((tmp_path / "cell.npz").read_bytes())
    content[100:160] = bytes(60)
    (tmp_path / "cell.npz").write_bytes(content)
    with pytest.raises(ValueError, match="must be a file written by save_spec"):
        load_spec(tmp_path / "cell.npz")


def test_array_file_is_refused(tmp_path):
    np.save(tmp_path / "cell.npy", np.zeros(3))
    with pytest.raises(ValueError, match="must be a file written by save_spec"):
        load_spec(tmp_path / "cell.npy")


def test_file_without_one_of_its_arrays_is_refused(tmp_path):
    save_spec(_cell().spec(), tmp_path / "cell.npz")
    with np.load(tmp_path / "cell.npz") as stored:
        np.savez(tmp_path / "less.npz", **{k: v for k, v in stored.items() if k != "densities/HH"})
    with pytest.raises(ValueError, match=r"must be a file written by save_spec.*densities/HH"):
        load_spec(tmp_path / "less.npz")


def test_any_ending_is_kept(tmp_path):
    save_spec(_cell().spec(), tmp_path / "my.cell")
    assert [p.name for p in tmp_path.iterdir()] == ["my.cell"]


def test_nothing_is_left_where_writing_fails(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(OSError, match="disk full"):
        save_spec(_cell().spec(), tmp_path / "cell.npz")
    assert list(tmp_path.iterdir()) == []
