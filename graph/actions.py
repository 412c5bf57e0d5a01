"""What a node's output is named by, and why two namings differ.

An *action* is the digest of everything that an output depends on: node type and version, widget
values, the content digests of what is wired in, fingerprints of files, and the environment (device
class, precision, library versions). Node ids, titles and positions are not in it, so equal work in
any graph has the same name.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from graph import wildcards
from graph.errors import MissingFileError
from graph.params import FileRef, Param
from graph.reasons import (
    EnvironmentChanged,
    Evicted,
    FileChanged,
    FirstRun,
    InputChanged,
    ParamChanged,
    Reason,
    TypeChanged,
)
from graph.spec import FileWidget, InputSpec, NodeSpec, TextWidget, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graph.files import FileIndex
    from graph.graph import Node, Source

Entry: TypeAlias = str | tuple[str, ...]
"""The content digest of one output; of an output that is a list, those of its elements."""
Digests: TypeAlias = tuple[Entry, ...]

BLOCKED = "blocked"
"""Stands for the digest of an output that is switched off."""

_ENCODER = msgspec.msgpack.Encoder()


class Ingredients(msgspec.Struct, frozen=True, gc=False):
    """All that an action is made of."""

    type: str
    version: int
    environment: str
    params: tuple[tuple[str, Param], ...]
    """Widget values by name, of widgets that are not wired; files without their digest."""
    files: tuple[tuple[str, str], ...]
    """Fingerprint of each file widget's file, by parameter name; of wildcards, `NAME/FILE`."""
    inputs: tuple[tuple[str, Digests], ...]
    """Content digests of what is wired into each input; of a lazy one only if it was asked for."""
    lazy: tuple[str, ...] = ()
    """Lazy inputs that are wired, for a body may ask whether they are."""
    folder: str = ""
    """Where a node with an effect writes: the same work in another folder is other work."""

    def action(self) -> str:
        """Return the name of this work: 128 bits, hexadecimal."""
        return hashlib.blake2b(_ENCODER.encode(self), digest_size=16).hexdigest()

    def only(self, inputs: Mapping[str, Digests]) -> Ingredients:
        """Return these ingredients with no other inputs than `inputs`."""
        return msgspec.structs.replace(self, inputs=tuple(sorted(inputs.items())))

    def with_inputs(self, changed: Mapping[str, Digests]) -> Ingredients:
        """Return these ingredients with other content in the inputs `changed`."""
        inputs = tuple([(name, changed.get(name, row)) for name, row in self.inputs])
        return msgspec.structs.replace(self, inputs=inputs)

    def with_input(self, name: str, digests: Digests) -> Ingredients:
        """Return these ingredients and the content of one more input."""
        inputs = tuple(sorted((*self.inputs, (name, digests))))
        return msgspec.structs.replace(self, inputs=inputs)


def gather(
    node: Node,
    spec: NodeSpec,
    inputs: Mapping[str, Digests | None],
    files: FileIndex,
    environment: str,
    folder: str = "",
) -> Ingredients:
    """Return the ingredients of `node`; raise `MissingFileError` or `OSError` for its files."""
    params, fingerprints = [], []
    for item, widget in spec.widgets:
        if isinstance(widget, TextWidget) and widget.wildcards:
            fingerprints.extend(_wildcards(node, item, files))
        if item.name in node.wires:
            continue
        value = node.params.get(item.name, item.default)
        if isinstance(widget, FileWidget) and isinstance(value, FileRef):
            path = files.find(value, widget.kind)
            fingerprints.append((item.name, files.fingerprint(path)))
            value = FileRef(value.name)
        params.append((item.name, value))
    return Ingredients(
        type=spec.id,
        version=spec.version,
        environment=environment,
        params=tuple(params),
        files=tuple(fingerprints),
        inputs=tuple(sorted([(name, row) for name, row in inputs.items() if row is not None])),
        lazy=tuple(sorted(spec.lazy_inputs.intersection(node.wires))) if spec.lazy_inputs else (),
        folder=folder if spec.effect else "",
    )


def _wildcards(node: Node, item: InputSpec, files: FileIndex) -> list[tuple[str, str]]:
    """Return name and fingerprint of the files that a text with wildcards may be filled from."""
    value = node.params.get(item.name, item.default)
    text = value if isinstance(value, str) and item.name not in node.wires else None
    return [
        (f"{item.name}/{name}{wildcards.SUFFIX}", digest)
        for name, digest in wildcards.fingerprints(text, files)
    ]


def problems(node: Node, spec: NodeSpec | None) -> tuple[str, ...]:
    """Say what keeps `node` from running as it is wired and filled in."""
    if spec is None:
        pack = node.type.partition("/")[0]
        if pack == "subgraph":
            return ("its subgraph is not in this file: delete it, or paste it again",)
        return (f"node type {node.type!r} is not installed: install the pack {pack!r}",)
    found = [f"there is no input {name!r} any more: disconnect it" for name in node.wires
             if name not in spec.input_by_name]  # fmt: skip
    for item in spec.inputs:
        if item.name in node.wires:
            continue
        if item.required:
            found.append(f"{item.label} is not wired: connect a {item.type} to it")
        elif _lacks_file(node, item):
            found.append(f"{item.label}: choose a file")
    if not _is_taken(node, spec):
        found.extend(_not_taken(node, spec))
    return tuple(found)


def _lacks_file(node: Node, item: InputSpec) -> bool:
    widget = item.widget
    if not isinstance(widget, FileWidget) or widget.optional:
        return False
    return node.params.get(item.name) is None


def _is_taken(node: Node, spec: NodeSpec) -> bool:
    """Say whether the node's values are within their limits: asked of every node in every plan."""
    get = node.params.get
    try:
        for name, minimum, maximum in spec.bounds:
            if not minimum <= get(name, minimum) <= maximum:  # type: ignore[operator] # see below
                return False
    except TypeError:
        return False  # text where a number is now: another version of the node was saved
    for name, takes in spec.rules:
        if name in node.params and not takes(node.params[name]):
            return False
    return True


def _not_taken(node: Node, spec: NodeSpec) -> Iterator[str]:
    """Say of each value that its widget does not take what is wrong; what is wired is not used."""
    for item, widget in spec.widgets:
        if item.name in node.params and item.name not in node.wires:
            problem = refusal(widget, node.params[item.name])
            if problem is not None:
                yield f"{item.label}: {problem}: set it anew"


def told_of(title: str, found: Iterable[str]) -> str:
    """Return the problems `found` of the node that is called `title`, after its title.

    A node often has the name of the one thing that it holds: that name is said once.
    """
    words = "; ".join(found)
    return words if words.startswith(f"{title}: ") else f"{title}: {words}"


def file_problem(error: MissingFileError | OSError) -> str:
    """Return what to show when the file of a node cannot be read."""
    if isinstance(error, MissingFileError):
        return str(error)
    return f"{error.filename}: {error.strerror or error}"


def compare(
    old: Ingredients | None, new: Ingredients, wires: Mapping[str, tuple[Source, ...]]
) -> tuple[Reason, ...]:
    """Say why work with ingredients `new` is due after `old` was the last that was done."""
    if old is None:
        return (FirstRun(),)
    reasons: list[Reason] = []
    if (old.type, old.version) != (new.type, new.version):
        reasons.append(TypeChanged(f"{old.type} {old.version}", f"{new.type} {new.version}"))
    if old.environment != new.environment:
        reasons.append(EnvironmentChanged())
    if old.folder != new.folder:
        reasons.append(ParamChanged("output folder", old.folder, new.folder))
    reasons.extend(_params(old, new))
    reasons.extend(_files(old, new))
    reasons.extend(_inputs(old, new, wires))
    return tuple(reasons) or (Evicted(),)


def _params(old: Ingredients, new: Ingredients) -> list[Reason]:
    before = dict(old.params)
    return [
        ParamChanged(name, before[name], value)
        for name, value in new.params
        # Encoded, for 1 and 1.0 and True are equal to Python, and not to a node.
        if name in before and _ENCODER.encode(before[name]) != _ENCODER.encode(value)
    ]


def _files(old: Ingredients, new: Ingredients) -> list[Reason]:
    before, names = dict(old.files), dict(new.params)
    reasons: list[Reason] = []
    for key, digest in new.files:
        name, _, wildcard = key.partition("/")
        ref = names.get(name)
        if wildcard and before.get(key) != digest:
            reasons.append(FileChanged(name, wildcard))
        elif key in before and before[key] != digest and isinstance(ref, FileRef):
            reasons.append(FileChanged(name, ref.name))
    return reasons


def _inputs(
    old: Ingredients, new: Ingredients, wires: Mapping[str, tuple[Source, ...]]
) -> list[Reason]:
    before, after = dict(old.inputs), dict(new.inputs)
    reasons: list[Reason] = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name) or (name in wires and name not in after):
            continue  # equal, or a lazy input that is not asked for any more
        wired = wires.get(name, ())
        sources = [
            source.node
            for source, digest in zip(wired, after.get(name, ()), strict=False)
            if digest not in before.get(name, ())
        ]
        # Where nothing is new, a wire of several went or they changed places.
        sources = sources or [source.node for source in wired]
        reasons.append(InputChanged(name, ", ".join(dict.fromkeys(sources))))
    return reasons
