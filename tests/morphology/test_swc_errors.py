"""Every bad SWC file gives an error that names the file, the line and what to do."""

import pytest

from jaxsim.morphology import read_swc
from tests.morphology.trees import write

ROOT = "1 1 0 0 0 5 -1"


def error(tmp_path, *lines, **options) -> str:
    path = write(tmp_path / "bad.swc", *lines)
    with pytest.raises(ValueError, match=r"bad\.swc") as caught:
        read_swc(path, **options)
    return str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no SWC file at .*nothing\.swc"):
        read_swc(tmp_path / "nothing.swc")


def test_folder(tmp_path):
    with pytest.raises(ValueError, match=r"is a folder. Give the path of one \.swc file"):
        read_swc(tmp_path)


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_empty_file(tmp_path, text):
    (tmp_path / "empty.swc").write_text(text)
    with pytest.raises(ValueError, match=r"empty\.swc holds no points.*id tag x y z radius parent"):
        read_swc(tmp_path / "empty.swc")


def test_binary_file(tmp_path):
    (tmp_path / "packed.swc").write_bytes(b"\x1f\x8b\x08\x00\x00\x00")
    with pytest.raises(ValueError, match=r"packed\.swc is not text .*Unpack it"):
        read_swc(tmp_path / "packed.swc")


def test_prose(tmp_path):
    assert "line 1: 4 columns, an SWC point has 7" in error(tmp_path, "this is no morphology")


def test_too_few_columns(tmp_path):
    message = error(tmp_path, "# head", ROOT, "2 3 1 1 1 0.5")
    assert "line 3: 6 columns, an SWC point has 7 (id tag x y z radius parent)" in message
    assert "Complete the line, or put # before it." in message


def test_field_that_is_no_number(tmp_path):
    message = error(tmp_path, ROOT, "2 3 1 1 one 0.5 1")
    assert "line 2: z must be a number, got 'one'" in message
    assert "put # before the line" in message


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_coordinate_that_is_not_finite(tmp_path, value):
    assert f"line 2: x must be finite, got {value}. Give the point a value" in error(
        tmp_path, ROOT, f"2 3 {value} 1 1 1 1"
    )


def test_id_that_is_not_whole(tmp_path):
    assert "line 2: id must be a whole number, got 2.5" in error(tmp_path, ROOT, "2.5 3 1 1 1 1 1")


def test_repeated_id(tmp_path):
    message = error(tmp_path, ROOT, "2 3 9 0 0 1 1", "2 3 19 0 0 1 1")
    assert "lines 2 and 3: id 2 is given twice. Give every point its own id." in message


def test_absent_parent(tmp_path):
    message = error(tmp_path, ROOT, "2 3 9 0 0 1 1", "3 3 19 0 0 1 7")
    assert "no point has the id of these parents: 7 (line 3)" in message
    assert "write -1 for a root" in message


def test_own_parent(tmp_path):
    assert "line 2: point 2 is its own parent. Write -1 if it is the root." in error(tmp_path, ROOT, "2 3 9 0 0 1 2")


def test_cycle(tmp_path):
    message = error(tmp_path, ROOT, "2 3 9 0 0 1 4", "3 3 19 0 0 1 2", "4 3 29 0 0 1 3", "5 3 39 0 0 1 4")
    assert "the parents run in a circle" in message
    assert all(f"{i} -> " in message for i in (2, 3, 4))
    assert "a root has parent -1" in message


def test_long_cycle_is_cut_short(tmp_path):
    lines = [f"{i} 3 {i} 0 0 1 {i % 20 + 1}" for i in range(1, 21)]
    assert "... (20 points)" in error(tmp_path, *lines)


TWO_TREES = [ROOT, "2 3 9 0 0 1 1", "10 3 50 0 0 1 -1", "11 3 60 0 0 1 10", "12 3 70 0 0 1 11"]


def test_several_roots(tmp_path):
    message = error(tmp_path, *TWO_TREES)
    assert "holds 2 separate trees" in message
    assert "id 1 (line 1, 2 points), id 10 (line 3, 3 points)" in message
    assert 'root=ID, or the one with most points with roots="largest"' in message


def test_root_chooses_a_tree(tmp_path):
    assert read_swc(write(tmp_path / "two.swc", *TWO_TREES), root=1).n_branch == 2


def test_largest_tree(tmp_path):
    assert read_swc(write(tmp_path / "two.swc", *TWO_TREES), roots="largest").length.tolist() == [20.0]


def test_root_that_is_none(tmp_path):
    assert "root=2 is not the id of a root. Roots: id 1 (line 1" in error(tmp_path, *TWO_TREES, root=2)


def test_unknown_choice_of_roots(tmp_path):
    with pytest.raises(ValueError, match=r"roots must be 'largest' or None, got 'first'.*root=ID"):
        read_swc(write(tmp_path / "two.swc", *TWO_TREES), roots="first")


def test_radius_that_is_not_positive(tmp_path):
    message = error(tmp_path, ROOT, "2 3 9 0 0 0 1", "3 3 19 0 0 -2 2", "4 3 29 0 0 0.25 3")
    assert "not on line 2 (id 2, 0), 3 (id 3, -2)" in message
    assert "min_radius=... (0.25 is the smallest in the file)" in message


def test_min_radius_sets_smaller_radii(tmp_path):
    path = write(tmp_path / "thin.swc", ROOT, "2 3 9 0 0 0 1", "3 3 19 0 0 0.2 2", "4 3 29 0 0 0.5 3")
    assert read_swc(path, min_radius=0.3).points(1)[1].tolist() == [0.3, 0.3, 0.5]


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_min_radius_must_be_positive(tmp_path, value):
    with pytest.raises(ValueError, match="min_radius must be positive"):
        read_swc(write(tmp_path / "cell.swc", ROOT), min_radius=value)


def test_bad_radius_in_another_tree_is_no_error(tmp_path):
    assert read_swc(write(tmp_path / "two.swc", ROOT, "9 3 9 0 0 0 -1"), root=1).n_branch == 1


def test_nanometres_are_suspected(tmp_path):
    lines = [ROOT.replace(" 5 ", " 3000 "), *(f"{i} 3 {i * 4000} 0.5 0 150 {i - 1}" for i in range(2, 8))]
    with pytest.warns(UserWarning, match=r"probably nanometres, not um. Scale it with transform\(m, scale=1e-3\)"):
        read_swc(write(tmp_path / "nm.swc", *lines))


def test_voxels_are_suspected(tmp_path):
    lines = [ROOT, *(f"{i} 3 {i * 4} {i} {i % 7} 1.5 {i - 1}" for i in range(2, 120))]
    with pytest.warns(UserWarning, match=r"probably voxels, not um. Scale it with transform\(m, scale=\.\.\.\)"):
        read_swc(write(tmp_path / "voxel.swc", *lines))


def test_a_small_tree_of_whole_numbers_is_not_suspected(tmp_path):
    lines = [ROOT, *(f"{i} 3 {i * 4} {i} {i % 7} 1.5 {i - 1}" for i in range(2, 40))]
    assert read_swc(write(tmp_path / "hand.swc", *lines)).n_branch == 2  # a warning would be an error here
