"""Laws that every built-in node keeps."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graph.engine.settings import MODEL_FOLDERS
from graph.pack import assemble
from graph.sockets import ANY
from graph.spec import ChoiceWidget, FileWidget, refusal
from nodes import PACK, embeddings
from nodes.schedulers import Scheduler

if TYPE_CHECKING:
    from graph.declare import NodeType
    from graph.spec import NodeSpec

LOADED = assemble((PACK,), "cpu")
SPECS = list(LOADED.catalog)
TITLES = {
    "load_checkpoint": "Load Checkpoint",
    "load_lora": "Load LoRA",
    "load_controlnet": "Load ControlNet",
    "apply_controlnet": "Apply ControlNet",
    "encode_text": "Encode Text",
    "wildcards": "Wildcards",
    "empty_latent": "Empty Latent",
    "sample": "Sample",
    "vae_decode": "VAE Decode",
    "inpaint": "Inpaint",
    "painted_mask": "Painted Mask",
    "vae_encode": "VAE Encode",
    "load_image": "Load Image",
    "save_image": "Save Image",
    "preview": "Preview",
}

PIXELS = (
    "Resize", "Crop", "Pad", "Rotate", "Flip", "Blend", "Levels", "Curves", "Adjust Colour",
    "Invert", "Grayscale", "Blur", "Sharpen", "Solid Colour", "Compare", "Batch Images",
    "Unbatch", "Image From List", "Image From Batch", "Repeat Image", "Load Images",
    "Prompt List", "Number List", "Whole Number List", "Seed List", "Repeat Text",
    "Repeat Number", "Repeat Whole Number", "Text From List", "Number From List",
    "Whole Number From List", "List Length", "Text", "Number", "Whole Number", "Size",
    "Join Text", "Text Template", "Load Mask", "Save Mask", "Mask To Image", "Image To Mask",
    "Apply Mask", "Mask From Colour", "Mask From Threshold", "Solid Mask", "Rectangle Mask",
    "Ellipse Mask", "Combine Masks", "Invert Mask", "Grow Mask", "Feather Mask", "Blur Mask",
    "Fill Holes", "Mask Outline", "Crop To Mask", "Paste Back", "Canny Edges", "Soft Edge Map",
    "Line Art", "Scribble", "Tile Map", "Colour Map", "Threshold", "Depth Map", "Normal Map",
    "Normals From Depth", "Pose Map",
)  # fmt: skip


def test_model_files_have_a_folder_in_models_folders() -> None:
    kinds = {
        item.widget.kind
        for spec in SPECS
        for item in spec.inputs
        if isinstance(item.widget, FileWidget) and item.widget.kind != "image"
    }
    assert kinds >= {"checkpoint", "controlnet", "lora", "depth", "normal", "pose", "detection"}
    assert kinds - {"mask"} | {embeddings.KIND} <= MODEL_FOLDERS.keys()


def each(spec: NodeSpec) -> str:
    return spec.id


def declared(spec: NodeSpec) -> NodeType:
    return LOADED.types[spec.id]


def test_the_built_in_nodes_are_all_here() -> None:
    known = TITLES | {title.lower().replace(" ", "_"): title for title in PIXELS}
    assert {spec.id: spec.title for spec in SPECS} == {
        f"sfumato/{name}": title for name, title in known.items()
    }


@pytest.mark.parametrize("spec", SPECS, ids=each)
class TestEvery:
    def test_title_and_function_agree(self, spec: NodeSpec) -> None:
        assert spec.title.lower().replace(" ", "_") == spec.id.removeprefix("sfumato/")

    def test_is_documented(self, spec: NodeSpec) -> None:
        assert spec.summary.endswith(".")
        assert spec.category
        for item in spec.inputs:
            assert item.doc, f"{spec.id}.{item.name} has no Doc"
            assert item.doc.endswith(".")
            assert item.doc[0] == item.doc[0].upper()
        if len(spec.outputs) > 1:
            assert all(output.doc for output in spec.outputs)

    def test_is_valid_as_it_comes(self, spec: NodeSpec) -> None:
        for item in spec.inputs:
            if item.widget is not None:
                assert refusal(item.widget, item.default) is None

    def test_its_sockets_have_handlers(self, spec: NodeSpec) -> None:
        types = {item.type for item in spec.inputs} | {item.type for item in spec.outputs}
        for name in types - {ANY.name}:
            assert LOADED.handlers[name] is not None
        assert ANY.name not in {item.type for item in spec.outputs}

    def test_no_hidden_input(self, spec: NodeSpec) -> None:
        """What a body reads besides its inputs would be missing from its cache key."""
        function = declared(spec).function
        source = inspect.getsource(inspect.unwrap(function))
        for hidden in ("os.environ", "random.", "global "):
            assert hidden not in source

    def test_its_body_only_calls(self, spec: NodeSpec) -> None:
        """A node says what happens; how it happens stands in a library module."""
        function = declared(spec).function
        tree = inspect.getsource(inspect.unwrap(function)).splitlines()
        assert len(tree) <= 80


def test_only_what_writes_or_shows_has_an_effect() -> None:
    effects = {"sfumato/save_image", "sfumato/save_mask", "sfumato/preview"}
    assert {spec.id for spec in SPECS if spec.effect} == effects
    assert not any(spec.volatile for spec in SPECS)


def test_every_scheduler_is_a_choice_with_a_name() -> None:
    sample = LOADED.catalog.require("sfumato/sample").input("scheduler")
    assert sample is not None
    assert isinstance(sample.widget, ChoiceWidget)
    assert {option.value for option in sample.widget.options} == set(Scheduler)
    labels = [option.label for option in sample.widget.options]
    assert len(set(labels)) == len(labels)
    assert "DPM++ 2M Karras" in labels


def test_importing_the_pack_imports_no_torch() -> None:
    code = (
        "import sys, nodes; assert nodes.PACK; print(sorted({'torch', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
