"""INCLUDE: where files are looked for, and what they share."""

import os

import pytest

from jaxsim.io.nmodl import NmodlError, parse_mod, read_mod_tree, tree
from jaxsim.io.nmodl.include import Source
from tests.io.nmodl.parsed import refused


@pytest.fixture
def mods(tmp_path):
    """A folder in a folder."""
    folder = tmp_path / "outer" / "mods"
    folder.mkdir(parents=True)
    return folder


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.inc").write_text(text)
    return folder / "a.inc"


def names(file):
    return [one.variables[0].name for one in file.all(tree.Local)]


def test_beside_the_file(mods):
    path = write(mods, a='LOCAL x INCLUDE "b.inc" LOCAL z', b="LOCAL y : told")
    file = read_mod_tree(path)
    assert names(file) == ["x", "y", "z"]
    inner = file.items[1]
    assert (inner.name, inner.file.path) == ("b.inc", str(mods / "b.inc"))
    assert inner.file.items[0].place.path == str(mods / "b.inc")
    assert [c.text for c in inner.file.comments] == ["told"]
    assert file.comments == ()


def test_in_the_folder_above(mods):
    write(mods.parent, b="LOCAL y")
    assert names(read_mod_tree(write(mods, a='INCLUDE "b.inc" INCLUDE "../b.inc"'))) == ["y", "y"]


def test_beside_comes_before_above(mods):
    write(mods.parent, b="LOCAL above")
    assert names(read_mod_tree(write(mods, a='INCLUDE "b.inc"', b="LOCAL beside"))) == ["beside"]


def test_from_the_folder_of_the_including_file(mods):
    inner = mods / "inner"
    inner.mkdir()
    write(inner, b='INCLUDE "c.inc"', c="LOCAL y")
    assert names(read_mod_tree(write(mods, a='INCLUDE "inner/b.inc"'))) == ["y"]


def test_a_relative_path(mods, monkeypatch):
    write(mods, a='INCLUDE "b.inc"', b="LOCAL y")
    monkeypatch.chdir(mods)
    assert names(read_mod_tree("a.inc")) == ["y"]


def test_define_reaches_into_and_out_of_it():
    texts = {"b": "STATE { m[N] } DEFINE M 5"}
    file = parse_mod('DEFINE N 4 INCLUDE "b" ASSIGNED { k[M] }', "a", lambda name, path: Source(name, texts[name]))
    assert [one.size for one in tree.find(file, tree.Declared)] == [4, 5]


def test_twice_is_allowed():
    assert names(parse_mod('INCLUDE "b" INCLUDE "b"', "a", lambda name, path: Source(name, "LOCAL y"))) == ["y", "y"]


def test_the_reader_of_the_user_is_told_name_and_file():
    asked = []
    parse_mod('INCLUDE "sub/b.inc"', "dir/a.mod", lambda *names: asked.append(names) or Source("b", ""))
    assert asked == [("sub/b.inc", "dir/a.mod")]


def test_an_error_in_it_names_it():
    error = refused('\n\nINCLUDE "b.inc"', lambda name, path: Source(name, "STATE {\n 1 }"))
    assert str(error).startswith("b.inc:2: found '1' where the name of a variable, or '}' was expected, in STATE. ")


def test_a_text_has_no_folder():
    says = "a.mod:1: a.mod is no file, so 'b.inc' has no folder. Give include= to find it, or use read_mod_tree."
    assert str(refused('INCLUDE "b.inc"')).startswith(says)


def test_a_missing_file(mods):
    path = write(mods, a='\nINCLUDE "b.inc"')
    with pytest.raises(NmodlError) as caught:
        read_mod_tree(path)
    where = f"no file 'b.inc' in the folder of {path} or above."
    assert str(caught.value).startswith(f"{path}:2: {where} Put it there, or give include= to find it.")
    assert (caught.value.path, caught.value.line, caught.value.construct) == (str(path), 2, "INCLUDE")


@pytest.mark.parametrize("name", ["../../b.inc", "../../outer2/b.inc", "/etc/hostname", "x/../../../b.inc"])
def test_outside_of_the_folder(mods, name):
    write(mods.parent.parent, b="LOCAL y")
    with pytest.raises(NmodlError, match=r"leads out of the folder .*Copy the file beside this one"):
        read_mod_tree(write(mods, a=f'INCLUDE "{name}"'))


def test_a_link_that_leads_outside(mods):
    write(mods.parent.parent, b="LOCAL y")
    os.symlink(mods.parent.parent / "b.inc", mods / "c.inc")
    with pytest.raises(NmodlError, match=r"'c\.inc' leads out of the folder"):
        read_mod_tree(write(mods, a='INCLUDE "c.inc"'))


def test_a_link_to_itself(mods):
    os.symlink(mods / "c.inc", mods / "c.inc")
    with pytest.raises(NmodlError, match=r"no file 'c\.inc'"):
        read_mod_tree(write(mods, a='INCLUDE "c.inc"'))


@pytest.mark.parametrize("name", ["", " b.inc", "b\tc", "a\nb", "b\0", "b" * 2000])
def test_what_is_no_file_name(name):
    says = f"a.mod:1: {name[:40]!r} is no file name. Write the name of a file in quotes."
    assert str(refused(f'INCLUDE "{name}"', lambda name, path: Source(name, ""))).startswith(says)


@pytest.mark.parametrize("name", [".", "..", "b" * 1000])
def test_what_is_no_file(mods, name):
    with pytest.raises(NmodlError, match=r"no file .* in the folder of|leads out of the folder"):
        read_mod_tree(write(mods, a=f'INCLUDE "{name}"'))


def test_files_that_include_one_another(mods):
    path = write(mods, a='INCLUDE "b.inc"', b='INCLUDE "./a.inc"')
    with pytest.raises(NmodlError) as caught:
        read_mod_tree(path)
    chain = f"the files include one another: {path} includes {mods / 'b.inc'} includes {mods / 'a.inc'}."
    assert str(caught.value).startswith(f"{mods / 'b.inc'}:1: {chain} Remove one INCLUDE.")
