"""A file is written whole or not at all, with the permissions of any new file."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

import jaxsim as js
from jaxsim.atomic import write_whole
from jaxsim.cli.folder import whole_file, whole_folder


@pytest.fixture
def umask_022() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _spec(path: Path) -> None:
    js.save_spec(js.Cell(js.cylinder(100.0, 1.0), js.PerBranch(3)).insert(js.Leak()).spec(), path)


def _swc(path: Path) -> None:
    js.write_swc(js.cylinder(100.0, 1.0), path)


def _picture(path: Path) -> None:
    whole_file(path, lambda part: part.write_bytes(b"picture"))


def _in_folder(path: Path) -> None:
    with whole_folder(path.parent / "out") as part:
        (part / "file").write_text("all")
    (path.parent / "out" / "file").rename(path)
    (path.parent / "out").rmdir()


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
@pytest.mark.usefixtures("umask_022")
@pytest.mark.parametrize("write", [_spec, _swc, _picture, _in_folder])
def test_permissions_are_those_of_a_new_file(write, tmp_path: Path) -> None:
    write(tmp_path / "file.any")
    assert stat.S_IMODE((tmp_path / "file.any").stat().st_mode) == 0o644
    assert [p.name for p in tmp_path.iterdir()] == ["file.any"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
@pytest.mark.usefixtures("umask_022")
def test_a_folder_has_the_permissions_of_a_new_folder(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out") as part:
        (part / "file").write_text("all")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o755


def test_a_failure_keeps_the_old_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    def half(part: Path) -> None:
        part.write_text("half")
        raise KeyboardInterrupt

    (tmp_path / "file.txt").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "file.txt", half)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file.txt", "old")]


def test_the_temporary_file_has_the_same_ending(tmp_path: Path) -> None:
    def write(part: Path) -> None:
        assert part.suffix == ".png"
        assert part.parent == tmp_path
        part.write_text("")

    write_whole(tmp_path / "a.png", write)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_the_folder_must_exist(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*absent to write a\.txt in\. Make it first\."):
        write_whole(tmp_path / "absent" / "a.txt", lambda part: part.write_text(""))
