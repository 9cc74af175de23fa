"""Time series from npz and csv files: t [ms] and one or several rows."""

import zipfile
import zlib

import numpy as np

from jaxsim.cli.document import Table

_DAMAGED = (ValueError, KeyError, OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)


def read_samples(table: Table, key: str) -> tuple[np.ndarray, np.ndarray]:
    """The file that a table names: times and rows.

    Args:
        table: holds `file`; an .npz with arrays t and `key`, or a .csv with columns t, then one for each row.
        key: name of the rows in an npz: "v" [mV] or "i" [nA].

    Returns:
        (n_time,) [ms] increasing, and (n_row, n_time).
    """
    path = table.file("file")
    if path.suffix == ".npz":
        t, rows = _npz(table, key)
    elif path.suffix == ".csv":
        t, rows = _csv(table, key)
    else:
        raise table.fail("file", f"must end in .npz or .csv, got {path.name!r}.")
    if t.ndim != 1 or rows.ndim != 2 or rows.shape[1] != len(t) or len(t) < 2:
        raise table.fail("file", f"needs t (n_time,) and {key} (n_row, n_time), got {t.shape} and {rows.shape}.")
    if not (np.all(np.isfinite(t)) and np.all(np.isfinite(rows))):
        raise table.fail("file", f"t and {key} must be finite; {path.name} holds nan or inf.")
    if np.any(np.diff(t) <= 0.0):
        raise table.fail("file", "the times t [ms] must increase.")
    return t, rows


def _npz(table: Table, key: str) -> tuple[np.ndarray, np.ndarray]:
    path = table.file("file")
    unreadable = table.fail(
        "file",
        f"{path.name} is no npz archive of numbers, or is damaged. Write it with np.savez(file, t=t, {key}={key}).",
    )
    with table.blamed("file"), open(path, "rb") as file:
        if not zipfile.is_zipfile(file):
            raise unreadable
    try:
        with np.load(path, allow_pickle=False) as archive:
            held = archive.files
            arrays = {name: archive[name] for name in ("t", key) if name in held}
    except _DAMAGED:
        raise unreadable from None
    for name in ("t", key):
        if name not in arrays:
            raise table.fail("file", f"needs an array {name!r}; it holds {', '.join(held) or 'nothing'}.")
        if np.asarray(arrays[name]).dtype.kind not in "fiu":
            raise unreadable
    return np.asarray(arrays["t"], float), np.atleast_2d(np.asarray(arrays[key], float))


def _csv(table: Table, key: str) -> tuple[np.ndarray, np.ndarray]:
    path = table.file("file")
    with table.blamed("file"):
        content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")  # some spreadsheets begin a file with a mark
    except UnicodeDecodeError:
        raise table.fail(
            "file", f"{path.name} is no text file (not UTF-8). Write numbers separated by commas."
        ) from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if lines and not _numeric(lines[0][1]):
        lines = lines[1:]
    rows = []
    for number, line in lines:
        if not _numeric(line) or line.count(",") != lines[0][1].count(","):
            raise table.fail("file", f"line {number} of it is not numbers t, {key}, ...: {line[:40]!r}.")
        rows.append([float(x) for x in line.split(",")])
    if not rows or len(rows[0]) < 2:
        raise table.fail("file", f"needs the columns t [ms] and {key}, separated by commas.")
    columns = np.array(rows).T
    return columns[0], columns[1:]


def _numeric(line: str) -> bool:
    try:
        [float(x) for x in line.split(",")]
    except ValueError:
        return False
    return True
