"""What `read_swc` makes of a file: branches, somata, wires."""

import numpy as np
import pytest

from jaxsim.morphology import read_swc
from tests.data_dir import data
from tests.morphology.trees import same, write


def read(tmp_path, *lines):
    return read_swc(write(tmp_path / "cell.swc", *lines))


def test_branch_ends_at_a_fork(tmp_path):
    m = read(tmp_path, "1 3 0 0 0 1 -1", "2 3 10 0 0 1 1", "3 3 20 5 0 1 2", "4 3 20 -5 0 1 2")
    assert m.parent.tolist() == [-1, 0, 0]
    assert m.parent_x.tolist() == [0, 1, 1]


def test_branch_ends_at_a_change_of_tag(tmp_path):
    m = read(tmp_path, "1 3 0 0 0 1 -1", "2 3 10 0 0 1 1", "3 2 20 0 0 0.5 2", "4 2 30 0 0 0.5 3")
    assert m.tag.tolist() == [3, 2]
    assert m.length.tolist() == [10, 20]


def test_child_starts_with_the_fork_point(tmp_path):
    m = read(tmp_path, "1 3 0 0 0 1 -1", "2 3 10 0 0 0.8 1", "3 2 20 0 0 0.5 2")
    xyz, radius = m.points(1)
    assert xyz[0].tolist() == [10, 0, 0]
    assert radius.tolist() == [0.8, 0.5]


def test_soma_of_one_point_is_a_cylinder_along_x(tmp_path):
    xyz, radius = read(tmp_path, "1 1 1 2 3 5 -1").points(0)
    assert xyz.tolist() == [[-4, 2, 3], [1, 2, 3], [6, 2, 3]]
    assert radius.tolist() == [5, 5, 5]


def test_neurite_on_a_soma_of_one_point_is_wired_at_its_middle(tmp_path):
    m = read(tmp_path, "1 1 0 0 0 5 -1", "2 3 6 0 0 1 1", "3 3 16 0 0 1 2")
    assert m.parent_x.tolist() == [0, 0.5]
    assert m.points(1)[0].tolist() == [[6, 0, 0], [16, 0, 0]]


def test_neurite_of_one_point_starts_at_the_soma_with_its_own_radius(tmp_path):
    m = read(tmp_path, "1 1 0 0 0 5 -1", "2 3 8 0 0 1 1")
    assert m.points(1)[0].tolist() == [[0, 0, 0], [8, 0, 0]]
    assert m.points(1)[1].tolist() == [1, 1]


@pytest.mark.parametrize("outer", [5.0, 5.04, 4.96])
def test_three_points_of_neuromorpho_are_one(tmp_path, outer):
    three = ["1 1 0 0 0 5 -1", f"2 1 0 {outer} 0 5 1", f"3 1 0 {-outer} 0 5 1", "4 3 6 0 0 1 1", "5 3 9 0 0 1 4"]
    one = ["1 1 0 0 0 5 -1", "4 3 6 0 0 1 1", "5 3 9 0 0 1 4"]
    assert same(read(tmp_path, *three), read(tmp_path, *one))


@pytest.mark.parametrize(
    "points",
    [
        ["1 1 0 0 0 5 -1", "2 1 0 6 0 5 1", "3 1 0 -6 0 5 1"],
        ["1 1 0 0 0 5 -1", "2 1 0 5 0 4 1", "3 1 0 -5 0 5 1"],
        ["1 1 0 0 0 5 -1", "2 1 0 5 0 5 1", "3 1 0 -5 0 5 1", "4 3 0 -9 0 1 3"],
    ],
    ids=["too long", "unequal", "neurite on an outer point"],
)
def test_three_other_soma_points_are_two_branches(tmp_path, points):
    m = read(tmp_path, *points)
    assert m.tag[:2].tolist() == [1, 1]
    assert m.parent_x[:2].tolist() == [0, 0]


def test_soma_of_two_points_is_traced(tmp_path):
    m = read(tmp_path, "1 1 0 0 0 5 -1", "2 1 10 0 0 4 1", "3 3 20 0 0 1 2", "4 3 30 0 0 1 3")
    assert m.length.tolist() == [10, 20]
    assert m.parent_x.tolist() == [0, 1]
    assert m.points(1)[1].tolist() == [1, 1, 1]  # its own calibre from the soma's last point on


def test_long_soma_wires_neurites_by_where_they_sit(tmp_path):
    soma = ["1 1 0 0 0 4 -1", "2 1 5 0 0 5 1", "3 1 10 0 0 4 2"]
    stems = [f"{10 * p} 3 {5 * p - 5} 8 0 1 {p}\n{10 * p + 1} 3 {5 * p - 5} 18 0 1 {10 * p}" for p in (1, 2, 3)]
    m = read(tmp_path, *soma, *stems)
    assert m.parent_x.tolist() == [0, 0, 0.5, 1]
    assert np.diff(m.offset).tolist() == [3, 3, 2, 3]  # only the inner one is joined by a wire


def test_branched_soma(tmp_path):
    soma = ["1 1 0 0 0 4 -1", "2 1 5 0 0 5 1", "3 1 10 3 0 4 2", "4 1 10 -3 0 4 2"]
    m = read(tmp_path, *soma, "5 3 15 0 0 1 2", "6 3 25 0 0 1 5")
    assert m.tag.tolist() == [1, 1, 1, 3]
    assert m.parent_x.tolist() == [0, 1, 1, 1]
    assert m.points(3)[0][0].tolist() == [15, 0, 0]  # wired: the soma itself forks there


def test_soma_listed_in_pieces_is_one(tmp_path):
    m = read(tmp_path, "1 1 0 0 0 4 -1", "2 3 0 9 0 1 1", "3 3 0 19 0 1 2", "4 1 5 0 0 4 1", "5 1 10 0 0 4 4")
    assert m.length[m.tag == 1].tolist() == [10]


def test_fork_at_a_wires_end(tmp_path):
    m = read(tmp_path, "1 1 0 0 0 5 -1", "2 3 6 0 0 1 1", "3 3 16 0 0 1 2", "4 3 6 10 0 1 2", "5 3 6 20 0 1 4")
    assert m.parent.tolist() == [-1, 0, 1]
    assert m.parent_x.tolist() == [0, 0.5, 0]
    assert m.points(2)[0][0].tolist() == [6, 0, 0]


def test_fork_one_point_away_from_an_unwired_start(tmp_path):
    soma = ["1 1 0 0 0 4 -1", "2 1 5 0 0 5 1"]
    m = read(tmp_path, *soma, "3 3 15 0 0 1 2", "4 3 25 5 0 1 3", "5 3 25 -5 0 1 3")
    assert m.parent.tolist() == [-1, 0, 1, 1]
    assert m.parent_x.tolist() == [0, 1, 1, 1]


def test_without_soma_the_root_branch_starts_at_the_root_point(tmp_path):
    m = read(tmp_path, "1 3 0 0 0 1 -1", "2 3 10 0 0 1 1", "3 3 -10 0 0 1 1", "4 2 0 10 0 1 1")
    assert m.parent_x.tolist() == [0, 0, 0]
    assert m.tag.tolist() == [3, 3, 2]
    assert m.length.tolist() == [10, 10, 10]


def test_lone_root_of_another_tag_is_a_ball(tmp_path):
    m = read(tmp_path, "1 7 0 0 0 5 -1", "2 3 6 0 0 1 1", "3 3 16 0 0 1 2")
    assert m.tag.tolist() == [7, 3]
    assert m.length.tolist() == [10, 10]
    assert m.parent_x.tolist() == [0, 0.5]


def test_repeated_points_inside_a_branch_stay(tmp_path):
    m = read(tmp_path, "1 3 0 0 0 1 -1", "2 3 10 0 0 1 1", "3 3 10 0 0 2 2", "4 3 20 0 0 2 3")
    assert m.n_point == 4
    assert m.length.tolist() == [20]


def test_branch_of_no_length_gives_its_children_to_its_parent(tmp_path):
    trunk = ["1 3 0 0 0 1 -1", "2 3 10 0 0 1 1"]
    m = read(tmp_path, *trunk, "3 3 10 9 0 1 2", "4 3 10 0 0 1 2", "5 3 20 5 0 1 4", "6 3 20 -5 0 1 4")
    assert m.parent.tolist() == [-1, 0, 0, 0]
    assert m.parent_x.tolist() == [0, 1, 1, 1]


def test_tip_of_no_length_is_left_out(tmp_path):
    m = read(tmp_path, "1 3 0 0 0 1 -1", "2 3 10 0 0 1 1", "3 3 10 0 0 1 2", "4 3 20 0 0 1 2")
    assert m.length.tolist() == [20]


def test_soma_of_repeated_points_is_a_ball(tmp_path):
    assert read(tmp_path, "1 1 0 0 0 5 -1", "2 1 0 0 0 5 1").length.tolist() == [10]


def test_tags_of_forks_and_tips_give_way(tmp_path):
    lines = ["1 1 0 0 0 5 -1", "2 3 9 0 0 1 1", "3 5 19 0 0 1 2", "4 3 29 5 0 1 3", "5 6 39 5 0 1 4", "6 6 29 -5 0 1 3"]
    assert read(tmp_path, *lines).tag.tolist() == [1, 3, 3, 3]


def test_tags_5_and_6_elsewhere_are_regions(tmp_path):
    m = read(tmp_path, "1 1 0 0 0 5 -1", "2 5 9 0 0 1 1", "3 5 19 0 0 1 2", "4 6 0 9 0 1 1", "5 6 0 19 0 1 4")
    assert m.tag.tolist() == [1, 5, 6]


@pytest.mark.parametrize("tag", [0, 2, 3, 4, 5, 6, 7, 42])
def test_any_tag_is_kept(tmp_path, tag):
    assert read(tmp_path, f"1 {tag} 0 0 0 1 -1", f"2 {tag} 9 0 0 1 1").tag.tolist() == [tag]


PLAIN = ["1 1 0 0 0 5 -1", "2 3 9.5 0 0 1 1", "3 3 19 0 0 1 2", "4 3 29 0 0 1 3"]


@pytest.mark.parametrize(
    "text",
    [
        "\r\n".join(PLAIN),
        "\r".join(PLAIN),
        "\n".join(PLAIN).replace(" ", "\t"),
        "\n".join(PLAIN).replace(" ", ", "),
        "\n".join("   " + line for line in PLAIN) + "\n\n\n",
        "\ufeff# head\n" + "\n# é, ü\n".join(line + " # note" for line in PLAIN),
        "\n".join(line + " 77 more" for line in PLAIN),
        "\n".join(reversed(PLAIN)),
        "\n".join(PLAIN).replace("-1", "-1.0").replace("9.5", "0.95e1"),
    ],
    ids=["crlf", "cr", "tabs", "commas", "blanks", "comments", "columns", "reversed", "floats"],
)
def test_spelling_does_not_matter(tmp_path, text):
    (tmp_path / "spelled.swc").write_bytes(text.encode())
    assert same(read_swc(tmp_path / "spelled.swc"), read(tmp_path, *PLAIN))


def test_comment_in_another_encoding(tmp_path):
    (tmp_path / "latin.swc").write_bytes(b"# Ram\xf3n y Cajal\n" + "\n".join(PLAIN).encode())
    assert same(read_swc(tmp_path / "latin.swc"), read(tmp_path, *PLAIN))


def test_path_may_be_a_string(tmp_path):
    assert read_swc(str(write(tmp_path / "cell.swc", *PLAIN))).n_branch == 2


def test_parents_after_children_give_the_same_tree():
    path = data("swc/fly_flywire_T4_720575940626407426.swc")
    with pytest.warns(UserWarning, match="probably nanometres"):
        m = read_swc(path, min_radius=10.0)
    assert m.n_branch == 179  # the soma, its neurite, and two or three at each of the 85 forks
    assert set(m.tag.tolist()) == {0, 1}


def test_zero_length_segments_of_a_real_cell_stay():
    m = read_swc(data("swc/rat_bbp_l5pc_with_axon.swc"))
    inside = m.branch_of_point[1:] == m.branch_of_point[:-1]
    assert np.sum(np.diff(m.arc)[inside] == 0) == 103
