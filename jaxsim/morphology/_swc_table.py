"""The text of an SWC file as a checked table: every error names the file, the line and what to do."""

import dataclasses
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np

_COLUMNS = 7  # id, tag, x, y, z, radius, parent
_SHOWN = 5  # how many offenders an error lists
_ORDER = "id tag x y z radius parent"


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """One tree of an SWC file, parents before children, the root first.

    Args:
        tag: (n,); xyz: (n, 3) [um]; radius: (n,) [um]; parent: (n,) index of the parent point, -1 for the root.
    """

    tag: np.ndarray
    xyz: np.ndarray
    radius: np.ndarray
    parent: np.ndarray

    def keep(self, mask: np.ndarray) -> "Table":
        """The table without some points; no kept point may have a dropped parent."""
        number = np.cumsum(mask) - 1
        parent = np.where(self.parent < 0, -1, number[self.parent])
        return Table(self.tag[mask], self.xyz[mask], self.radius[mask], parent[mask])

    def in_order(self) -> "Table":
        """The table with parents before children; as it is if it already is so."""
        if np.all(self.parent < np.arange(len(self.parent))):
            return self
        depth, _ = depth_and_root(self.parent)
        order = np.argsort(depth, kind="stable")
        number = np.empty_like(order)
        number[order] = np.arange(len(order))
        parent = np.where(self.parent < 0, -1, number[self.parent])
        return Table(self.tag[order], self.xyz[order], self.radius[order], parent[order])


def depth_and_root(parent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Steps from each node to its root, and that root, by pointer doubling: any order of nodes.

    Args:
        parent: (n,), -1 for a root.

    Returns:
        (n,) depth and (n,) root; a node whose "root" has a parent itself hangs on a cycle.
    """
    depth = (parent >= 0).astype(np.int64)
    ancestor = np.where(parent < 0, np.arange(len(parent)), parent)
    for _ in range(len(parent).bit_length()):
        depth = depth + depth[ancestor]
        ancestor = ancestor[ancestor]
    return depth, ancestor


def read_table(
    path: str | PathLike[str], root: int | None = None, roots: str | None = None, min_radius: float | None = None
) -> Table:
    """Read and check one tree of an SWC file; `jaxsim.morphology.read_swc` explains the arguments and errors."""
    path = Path(path)
    if roots not in (None, "largest"):
        raise ValueError(f"roots must be 'largest' or None, got {roots!r}. To choose a tree by its root: root=ID.")
    if min_radius is not None and not (np.isfinite(min_radius) and min_radius > 0):
        raise ValueError(f"min_radius must be positive [um], got {min_radius!r}.")
    value, line = _numbers(path, _text(path))
    _check_numbers(path, value, line)
    ids = value[:, 0].astype(np.int64)
    parent = _parent_index(path, ids, value[:, 6].astype(np.int64), line)
    _, root_of = depth_and_root(parent)
    _check_cycles(path, ids, parent, root_of, line)
    mask = root_of == _choose_root(path, ids, parent, root_of, line, root, roots)
    radius = value[:, 5]
    if min_radius is not None:
        radius = np.maximum(radius, min_radius)
    _check_radius(path, radius, mask, ids, line)
    return Table(value[:, 1].astype(np.int64), value[:, 2:5], radius, parent).keep(mask).in_order()


def _text(path: Path) -> str:
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Give the path of one .swc file in it.")
    if not path.exists():
        raise FileNotFoundError(f"no SWC file at {path} (seen from the working folder {Path.cwd()}).")
    raw = path.read_bytes()
    if b"\0" in raw[:4096]:
        raise ValueError(f"{path} is not text (it holds NUL bytes). Unpack it, or save it as UTF-8 text.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")  # every byte is a character; only comments can hold such bytes


def _numbers(path: Path, text: str) -> tuple[np.ndarray, np.ndarray]:
    """The seven columns (n, 7) and the line number of each row (n,)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace(",", " ").replace(";", " ").split("\n")
    if "#" in text:
        lines = [line.partition("#")[0] if "#" in line else line for line in lines]
    fields = [line.split() for line in lines]
    number = [i for i, row in enumerate(fields, 1) if row]
    fields = [row for row in fields if row]
    if not fields:
        raise ValueError(f"{path} holds no points. An SWC file has one point a line: {_ORDER}.")
    count = [len(row) for row in fields]
    if min(count) < _COLUMNS:
        i = next(i for i, n in enumerate(count) if n < _COLUMNS)
        row = " ".join(fields[i])
        raise ValueError(
            f"{path}, line {number[i]}: {count[i]} columns, an SWC point has {_COLUMNS} ({_ORDER}): {row[:60]!r}. "
            "Complete the line, or put # before it."
        )
    if max(count) > _COLUMNS:
        fields = [row[:_COLUMNS] for row in fields]
    try:
        flat = list(map(float, chain.from_iterable(fields)))
    except ValueError:
        raise ValueError(_not_a_number(path, fields, number)) from None
    return np.array(flat).reshape(-1, _COLUMNS), np.array(number)


def _not_a_number(path: Path, fields: list[list[str]], number: list[int]) -> str:
    for row, line in zip(fields, number, strict=True):
        for name, word in zip(_ORDER.split(), row, strict=True):
            try:
                float(word)
            except ValueError:
                fix = "Correct it, or put # before the line if it is a comment."
                return f"{path}, line {line}: {name} must be a number, got {word!r}. {fix}"
    return f"{path}: not a number."


def _check_numbers(path: Path, value: np.ndarray, line: np.ndarray) -> None:
    bad = np.argwhere(~np.isfinite(value))
    if bad.size:
        i, column = bad[0]
        name = _ORDER.split()[column]
        raise ValueError(
            f"{path}, line {line[i]}: {name} must be finite, got {value[i, column]}. "
            "Give the point a value, or remove it and wire its children to its parent."
        )
    for column in (0, 1, 6):
        wrong = np.flatnonzero(value[:, column] != np.floor(value[:, column]))
        if wrong.size:
            name, i = _ORDER.split()[column], wrong[0]
            raise ValueError(f"{path}, line {line[i]}: {name} must be a whole number, got {value[i, column]}.")


def _parent_index(path: Path, ids: np.ndarray, parent_id: np.ndarray, line: np.ndarray) -> np.ndarray:
    """The position of each point's parent in the table, -1 for a root."""
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    twice = np.flatnonzero(ranked[1:] == ranked[:-1])
    if twice.size:
        first, second = order[twice[0]], order[twice[0] + 1]
        raise ValueError(
            f"{path}, lines {line[first]} and {line[second]}: id {ids[first]} is given twice. "
            "Give every point its own id."
        )
    own = np.flatnonzero(parent_id == ids)
    if own.size:
        i = own[0]
        raise ValueError(f"{path}, line {line[i]}: point {ids[i]} is its own parent. Write -1 if it is the root.")
    place = np.minimum(np.searchsorted(ranked, parent_id), len(ids) - 1)
    absent = np.flatnonzero((parent_id >= 0) & (ranked[place] != parent_id))
    if absent.size:
        some = ", ".join(f"{parent_id[i]} (line {line[i]})" for i in absent[:_SHOWN])
        more = f" and {absent.size - _SHOWN} more" if absent.size > _SHOWN else ""
        raise ValueError(
            f"{path}: no point has the id of these parents: {some}{more}. Add the points, or write -1 for a root."
        )
    return np.where(parent_id < 0, -1, order[place])


def _check_cycles(path: Path, ids: np.ndarray, parent: np.ndarray, root_of: np.ndarray, line: np.ndarray) -> None:
    lost = np.flatnonzero(parent[root_of] >= 0)
    if not lost.size:
        return
    ring = [int(root_of[lost[0]])]
    while parent[ring[-1]] != ring[0]:
        ring.append(int(parent[ring[-1]]))
    shown = " -> ".join(str(ids[i]) for i in [*ring[:_SHOWN], *([] if len(ring) > _SHOWN else ring[:1])])
    tail = f" -> ... ({len(ring)} points)" if len(ring) > _SHOWN else ""
    raise ValueError(
        f"{path}, line {line[ring[0]]}: the parents run in a circle, {shown}{tail}. "
        "Correct one of these parents; a root has parent -1."
    )


def _choose_root(
    path: Path,
    ids: np.ndarray,
    parent: np.ndarray,
    root_of: np.ndarray,
    line: np.ndarray,
    root: int | None,
    roots: str | None,
) -> int:
    at = np.flatnonzero(parent < 0)
    size = np.bincount(root_of, minlength=len(ids))[at]
    if root is not None:
        found = at[ids[at] == root]
        if found.size:
            return int(found[0])
    elif len(at) == 1 or roots == "largest":
        return int(at[np.argmax(size)])
    some = ", ".join(f"id {ids[i]} (line {line[i]}, {n} points)" for i, n in list(zip(at, size, strict=True))[:20])
    more = f" and {len(at) - 20} more" if len(at) > 20 else ""
    if root is not None:
        raise ValueError(f"{path}: root={root} is not the id of a root. Roots: {some}{more}.")
    raise ValueError(
        f"{path} holds {len(at)} separate trees, a cell is one. Roots: {some}{more}. "
        'Choose one with root=ID, or the one with most points with roots="largest".'
    )


def _check_radius(path: Path, radius: np.ndarray, mask: np.ndarray, ids: np.ndarray, line: np.ndarray) -> None:
    bad = np.flatnonzero(mask & (radius <= 0))
    if bad.size:
        some = ", ".join(f"{line[i]} (id {ids[i]}, {radius[i]:g})" for i in bad[:_SHOWN])
        more = f" and {bad.size - _SHOWN} more" if bad.size > _SHOWN else ""
        usable = radius[mask & (radius > 0)]
        smallest = f"{usable.min():g} is the smallest in the file" if usable.size else "in the file's own unit"
        raise ValueError(
            f"{path}: the radius must be positive, but is not on line {some}{more}. "
            f"Correct it, or set all smaller ones to min_radius=... ({smallest})."
        )
