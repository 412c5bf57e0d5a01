"""`sfumato nodes`: what nodes there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from graph.catalog import Catalog, dump_catalog
from graph.params import show
from graph.spec import ChoiceWidget, FileWidget, FloatWidget, InputSpec, IntWidget, TextWidget
from sfumato.cli.setting import built_in_catalog

if TYPE_CHECKING:
    from pathlib import Path


def nodes(*, as_json: bool, publish: Path | None = None) -> int:
    """Print every node with sockets, widgets, ranges and docs; return the exit status.

    With `publish` the specifications are read from the nodes themselves and written to that file.
    """
    if publish is not None:
        from graph.engine.settings import BUILT_IN_PACKS
        from graph.pack import load_packs

        publish.write_bytes(dump_catalog(load_packs(BUILT_IN_PACKS).catalog))
        return 0
    catalog = built_in_catalog()
    print(_json(catalog) if as_json else "\n\n".join(_text(catalog)))
    return 0


def _json(catalog: Catalog) -> str:
    return msgspec.json.format(msgspec.json.encode(tuple(catalog)), indent=2).decode()


def _text(catalog: Catalog) -> list[str]:
    blocks = []
    for spec in catalog:
        lines = [f"{spec.title}  ({spec.id}, {spec.category})", f"  {spec.summary}"]
        lines += [f"  in   {_input(item)}" for item in spec.inputs]
        lines += [f"  out  {item.name}: {item.type}" for item in spec.outputs]
        blocks.append("\n".join(lines))
    return blocks


def _input(item: InputSpec) -> str:
    text = f"{item.name}: {'File' if isinstance(item.widget, FileWidget) else item.type}"
    if isinstance(item.widget, TextWidget):
        text += f' = "{show(item.default)}"'
    elif item.widget is not None and item.default is not None:
        text += f" = {show(item.default)}"
    elif item.required:
        text += ", required"
    match item.widget:
        case IntWidget() | FloatWidget():
            text += f", {item.widget.minimum:g} to {item.widget.maximum:g}"
        case ChoiceWidget(options):
            text += ", " + " | ".join(option.value for option in options)
        case _:
            pass
    return f"{text}.  {item.doc}" if item.doc else text
