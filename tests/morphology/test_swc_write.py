"""`write_swc` and `read_swc` are inverse to each other."""

import os

import numpy as np
import pytest
from hypothesis import given, settings

from jaxsim.morphology import (
    Branch,
    attach,
    ball_and_stick,
    binary_tree,
    cylinder,
    from_branches,
    read_swc,
    split_branches,
    write_swc,
)
from tests.data_dir import data
from tests.morphology.trees import quick, same, swc_points, swc_text


def round_trip(m, tmp_path):
    write_swc(m, tmp_path / "out.swc")
    return read_swc(tmp_path / "out.swc")


@settings(quick, max_examples=150)
@given(points=swc_points())
def test_whatever_is_read_is_written_and_read_the_same(points, tmp_path):
    (tmp_path / "in.swc").write_text(swc_text(points))
    m = read_swc(tmp_path / "in.swc")
    assert same(round_trip(m, tmp_path), m)


@pytest.mark.parametrize("name", ["rat_ca1_n120", "rat_bbp_l5pc_with_axon", "rat_ca1_c91662", "mouse_allen_473601979"])
def test_real_cell_round_trip(name, tmp_path):
    m = read_swc(data(f"swc/{name}.swc"))
    assert same(round_trip(m, tmp_path), m)


@pytest.mark.parametrize(
    "m",
    [
        cylinder(1000.0, 0.5),
        cylinder(20.0, 10.0, tag=1),
        ball_and_stick(10.0, 200.0, 1.0),
        ball_and_stick(10.0, 200.0, 1.0, x=0.5),
        ball_and_stick(10.0, 200.0, 1.0, x=0.0),
        binary_tree(4, 32.0, [2.0, 2.0, 2.0, 2.0]),
        attach(ball_and_stick(10.0, 200.0, 1.0, x=0.5), cylinder(50.0, 0.5, tag=2), 0, 0.0),
    ],
    ids=["cylinder", "soma", "at 1", "at 0.5", "at 0", "tree", "two neurites"],
)
def test_shape_round_trip(m, tmp_path):
    assert same(round_trip(m, tmp_path), m)


def test_numbers_are_written_in_full(tmp_path):
    m = from_branches([Branch([[0.1, 1 / 3, np.pi], [1e-7, 2 / 3, 1e6]], [1 / 3, 0.7])])
    assert same(round_trip(m, tmp_path), m)


def test_start_inside_a_neurite_is_refused(tmp_path):
    m = attach(cylinder(100.0, 1.0), cylinder(50.0, 1.0), 0, 0.25)
    with pytest.raises(ValueError, match=r"parent_x of branch 1 must be 0 or 1.*got 0\.25.*Cut the parent there"):
        write_swc(m, tmp_path / "out.swc")


def test_start_inside_a_soma_but_not_at_its_middle_is_refused(tmp_path):
    m = ball_and_stick(10.0, 200.0, 1.0, x=0.25)
    with pytest.raises(ValueError, match=r"parent_x of branch 1 .*got 0\.25.*Start neurites at 0, 0\.5"):
        write_swc(m, tmp_path / "out.swc")


def test_start_away_from_the_fork_is_refused(tmp_path):
    m = from_branches([Branch([[0, 0, 0], [9, 0, 0]], 1.0), Branch([[12, 0, 0], [20, 0, 0]], 1.0, parent=0)])
    with pytest.raises(ValueError, match=r"first point of branch 1 must repeat its fork point \[9\.0, 0\.0, 0\.0\]"):
        write_swc(m, tmp_path / "out.swc")


def test_jump_of_the_radius_at_a_fork_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"first radius of branch 1 must be the radius of its fork point, 8, got 5\.03"
    ):
        write_swc(binary_tree(2, 32.0, 8.0), tmp_path / "out.swc")


def test_serial_branches_are_refused(tmp_path):
    m = split_branches(cylinder(100.0, 1.0), 30.0)
    with pytest.raises(ValueError, match=r"4 branches would be read back as 1.*exact=False"):
        write_swc(m, tmp_path / "out.swc")


def test_serial_branches_are_written_as_one_on_request(tmp_path):
    write_swc(split_branches(cylinder(100.0, 1.0), 30.0), tmp_path / "out.swc", exact=False)
    assert read_swc(tmp_path / "out.swc").length.tolist() == [100.0]


def test_refused_file_is_left_as_it_was(tmp_path):
    (tmp_path / "out.swc").write_text("old")
    with pytest.raises(ValueError, match="cannot hold"):
        write_swc(split_branches(cylinder(100.0, 1.0), 30.0), tmp_path / "out.swc")
    assert [p.name for p in tmp_path.iterdir()] == ["out.swc"]
    assert (tmp_path / "out.swc").read_text() == "old"


def test_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_swc(cylinder(100.0, 1.0), tmp_path / "out.swc")
    assert list(tmp_path.iterdir()) == []


def test_folder_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere to write out\.swc"):
        write_swc(cylinder(100.0, 1.0), tmp_path / "nowhere" / "out.swc")
