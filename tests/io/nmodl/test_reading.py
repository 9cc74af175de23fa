"""What read_mod_tree and parse_mod refuse to read."""

import pytest

from jaxsim.io.nmodl import NmodlError, parse_mod, read_mod_tree


def test_a_missing_file(tmp_path):
    path = tmp_path / "a.mod"
    with pytest.raises(FileNotFoundError) as caught:
        read_mod_tree(path)
    assert str(caught.value) == f"no .mod file at {path}."


def test_a_folder(tmp_path):
    with pytest.raises(NmodlError) as caught:
        read_mod_tree(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a folder. Give the path of one .mod file in it."
    assert (caught.value.path, caught.value.line) == (str(tmp_path), 0)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "a.mod"
    path.write_bytes(b"NEURON\0")
    with pytest.raises(
        NmodlError, match=r"this is not text \(it holds NUL bytes\)\. Unpack it, or save it as UTF-8 text"
    ):
        read_mod_tree(path)


@pytest.mark.parametrize("text", [b"NEURON { }", None, 3])
def test_what_is_no_str(text):
    with pytest.raises(TypeError, match=r"text must be a str, got '\w+'. To read a file: read_mod_tree\(path\)."):
        parse_mod(text)
