"""Poses: points found as transformers' own processor finds them, and skeletons drawn of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from transformers import (
    RTDetrConfig,
    RTDetrForObjectDetection,
    RTDetrImageProcessorPil,
    VitPoseBackboneConfig,
    VitPoseConfig,
    VitPoseForPoseEstimation,
)
from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

from nodes.errors import CheckpointError
from nodes.pixels import vitpose
from nodes.pixels.control_pose import pose_map
from nodes.pixels.people import Detector, load_detector, selected
from nodes.pixels.skeleton import draw_people, from_coco
from nodes.pixels.vitpose import Box, load_pose
from nodes.store import models
from tests.nodes.driver import drain

if TYPE_CHECKING:
    from pathlib import Path

    from graph.run import Run

SIZE = (64, 48)
IMAGE = np.random.default_rng(0).random((1, 90, 120, 3), np.float32)
BOX = Box(20, 10, 40, 70)


def write(folder: Path, points: int = 17, experts: int = 1) -> Path:
    torch.manual_seed(0)
    backbone = VitPoseBackboneConfig(
        image_size=SIZE, patch_size=(16, 16), hidden_size=16, num_hidden_layers=2,
        num_attention_heads=2, mlp_ratio=2, num_experts=experts, part_features=4,
        out_indices=[2],
    )  # fmt: skip
    config = VitPoseConfig(backbone_config=backbone, num_labels=points, scale_factor=4)
    model = VitPoseForPoseEstimation(config)
    for weights in model.head.parameters():
        weights.data *= 20
    model.save_pretrained(folder)
    VitPoseImageProcessorPil(size={"height": SIZE[0], "width": SIZE[1]}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("pose") / "vitpose")


def write_detector(folder: Path, labels: dict[int, str]) -> Path:
    torch.manual_seed(0)
    config = RTDetrConfig(
        backbone_config={
            "model_type": "rt_detr_resnet", "embedding_size": 8, "hidden_sizes": [8, 8, 16, 16],
            "depths": [1, 1, 1, 1], "layer_type": "basic", "out_features": ["stage2", "stage3",
            "stage4"],
        },
        encoder_hidden_dim=16, encoder_in_channels=[8, 16, 16], encoder_ffn_dim=16,
        encoder_layers=1, encoder_attention_heads=2, d_model=16, num_queries=10,
        decoder_in_channels=[16, 16, 16], decoder_ffn_dim=16, decoder_layers=1,
        decoder_attention_heads=2, num_denoising=0, anchor_image_size=None,
        id2label=labels, label2id={name: i for i, name in labels.items()},
    )  # fmt: skip
    RTDetrForObjectDetection(config).save_pretrained(folder)
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


def bell(x: float, y: float, height: float = 0.9) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A heat map of 48 × 64 cells with its summit at x, y."""
    rows, columns = np.mgrid[:64, :48]
    away = (columns - x) ** 2 + (rows - y) ** 2
    return np.asarray(height * np.exp(-away / 8), dtype=np.float32)


class Seen(torch.nn.Module):
    """Sees two people and a chair, whatever it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, _pixels: torch.Tensor) -> Any:
        sure = torch.tensor([[[1.0, -9.0], [-9.0, 4.0], [3.0, -9.0]]])
        middles = torch.tensor([[[0.1, 0.25, 0.2, 0.5], [0.5, 0.5, 1, 1], [0.5, 0.4, 0.5, 0.4]]])
        return SimpleNamespace(logits=sure, pred_boxes=middles)


class TestReading:
    def test_summits_between_cells(self) -> None:
        places = [(20.0, 30.0), (20.3, 30.4), (11.6, 47.2), (40.45, 9.5)]
        heat = np.stack([bell(x, y) for x, y in places])
        frame = vitpose._Frame(23.5, 31.5, 47, 63)  # a cell is a pixel
        found = vitpose._read(heat, frame)
        assert np.allclose(found[:, :2], places, atol=0.02)
        assert np.allclose(found[:, 2], [plane.max() for plane in heat])

    def test_at_the_edge_and_on_nothing(self) -> None:
        frame = vitpose._Frame(23.5, 31.5, 47, 63)
        found = vitpose._read(np.stack([bell(0, 0), np.zeros((64, 48), np.float32)]), frame)
        assert np.isfinite(found).all()
        assert np.abs(found[0, :2]).max() < 1
        assert found[1, 2] == 0

    def test_cutting_out_takes_the_frame_to_the_edge(self) -> None:
        y, x = np.mgrid[:90, :120].astype(np.float32)
        picture = np.stack([x, y, x], axis=-1)
        cut = vitpose._cut_out(picture, vitpose._Frame(60, 45, 48, 64), (65, 49))
        assert torch.allclose(cut[0, 0], torch.linspace(36, 84, 49), atol=1e-3)
        assert torch.allclose(cut[1, :, 0], torch.linspace(13, 77, 65), atol=1e-3)
        beyond = vitpose._cut_out(picture + 1, vitpose._Frame(0, 0, 10, 10), (3, 3))
        assert beyond[0, 0, 0] == 0

    def test_the_network_sees_what_the_stock_processor_cuts_out(self, folder: Path) -> None:
        """Over the box as transformers pads it, for the middle of a cell."""
        network = load_pose(folder)
        frame = network._frame(BOX)
        assert frame == pytest.approx((40, 45, 70 * 0.75 * 1.25, 70 * 1.25))
        wide = network._frame(Box(0, 0, 80, 20))
        assert wide == pytest.approx((40, 10, 100, 100 / 0.75))
        model = VitPoseForPoseEstimation.from_pretrained(folder).eval()
        pixels = (vitpose._cut_out(IMAGE[0], frame, SIZE) - network._mean) / network._spread
        with torch.no_grad():
            heat = model(pixels[None]).heatmaps[0].numpy()
        found = network.see(IMAGE[0], BOX)
        assert np.array_equal(found, vitpose._read(heat, frame))

    def test_experts_are_asked_for_the_first_task(self, tmp_path: Path) -> None:
        found = load_pose(write(tmp_path / "plus", experts=3)).see(IMAGE[0], BOX)
        assert found.shape == (17, 3)

    def test_the_body_of_a_whole_body(self, tmp_path: Path) -> None:
        assert load_pose(write(tmp_path / "whole", 133)).see(IMAGE[0], BOX).shape == (17, 3)


class TestDrawing:
    def body(self) -> Any:
        points = np.zeros((17, 3), np.float32)
        points[:, 2] = 0.9
        points[:, 0] = 128 + 5 * (np.arange(17) % 5)
        points[:, 1] = 20 + 12 * np.arange(17)
        points[5, :2], points[6, :2] = (180, 100), (100, 90)
        return points

    def test_points_go_where_openpose_has_them(self) -> None:
        body = from_coco(self.body())
        assert body.shape == (18, 3)
        assert body[1].tolist() == pytest.approx([140, 95, 0.9])  # the neck, between the shoulders
        assert body[2, :2].tolist() == [100, 90]  # the right shoulder is COCO's seventh
        assert body[5, :2].tolist() == [180, 100]
        assert body[14, :2].tolist() == self.body()[2, :2].tolist()  # the right eye

    def test_colours_and_strength(self) -> None:
        body = from_coco(self.body())
        done = draw_people([body], (256, 256), 0.3)
        assert done.shape == (256, 256, 3)
        assert done.dtype == np.float32
        x, y = (round(float(each)) for each in body[0, :2])
        assert done[y, x].tolist() == [1, 0, 0]  # the nose
        limb = body[[1, 2], :2].mean(axis=0)  # neck to right shoulder
        assert done[round(limb[1]), round(limb[0])] * 255 == pytest.approx([153, 0, 0])
        assert (done[0] == 0).all()

    def test_unsure_points_and_their_limbs_are_left_out(self) -> None:
        points = self.body()
        points[6, 2] = 0.1
        done = draw_people([from_coco(points)], (256, 256), 0.3)
        assert done[90, 100].tolist() == [0, 0, 0]
        assert draw_people([], (8, 8), 0.3).max() == 0

    def test_limbs_are_wider_in_larger_pictures_and_when_asked_for(self) -> None:
        body = from_coco(self.body())
        covered = [
            (
                draw_people(
                    [body * np.array([scale, scale, 1], np.float32)], (256 * scale,) * 2, 0.3, thick
                )
                > 0
            ).mean()
            for scale, thick in ((1, 1), (4, 1), (4, 2))
        ]
        assert covered[1] == pytest.approx(covered[0], rel=0.2)
        assert covered[2] > 1.5 * covered[1]


class TestPeople:
    def test_patches_of_a_mask(self) -> None:
        mask = np.zeros((60, 80), np.float32)
        mask[10:30, 50:70] = 1
        mask[5:55, 5:25] = 0.6
        mask[40, 40] = 1  # a speck
        mask[50:58, 60:78] = 0.4  # faint
        assert selected(mask) == [Box(5, 5, 20, 50), Box(50, 10, 20, 20)]

    def test_a_detector_tells_people_only_the_surest_first(self) -> None:
        prepare = RTDetrImageProcessorPil(size={"height": 64, "width": 64})
        detector = Detector(Seen(), prepare, 0)
        surest, other = detector.see(IMAGE[0], 0.5)
        assert surest == pytest.approx((30, 18, 60, 36))
        assert other == pytest.approx((0, 0, 24, 45))
        assert detector.see(IMAGE[0], 0.95) == [surest]
        assert detector.see(IMAGE[0], 1.0) == []

    def test_a_folder_sees_what_the_stock_classes_see(self, tmp_path: Path) -> None:
        folder = write_detector(tmp_path / "detector", {0: "person", 1: "chair"})
        model = RTDetrForObjectDetection.from_pretrained(folder).eval()
        prepare = RTDetrImageProcessorPil.from_pretrained(folder)
        pixels = prepare(images=(IMAGE[0] * 255 + 0.5).astype(np.uint8), return_tensors="pt")
        with torch.no_grad():
            found = model(**pixels)
        [each] = prepare.post_process_object_detection(
            found, threshold=0.0, target_sizes=[IMAGE.shape[1:3]]
        )
        boxes = load_detector(folder).see(IMAGE[0], 0.0)
        people = each["boxes"][each["labels"] == 0]
        corners = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in boxes]
        assert np.allclose(np.reshape(corners, (-1, 4)), people, atol=1e-3)

    def test_one_that_knows_no_people_is_refused(self, tmp_path: Path) -> None:
        folder = write_detector(tmp_path / "chairs", {0: "chair", 1: "table"})
        with pytest.raises(CheckpointError, match="chairs finds no people"):
            load_detector(folder)


class TestNode:
    def test_all_of_it_or_a_patch_is_one_person(self, run: Run, folder: Path) -> None:
        before = models(run).loads
        whole = drain(pose_map(run, IMAGE, None, folder, confidence=0))
        assert whole.shape == IMAGE.shape
        assert whole.max() == 1
        mask = np.zeros((2, 90, 120), np.float32)
        mask[0, 10:80, 20:60] = 1
        both = drain(pose_map(run, IMAGE, mask, folder, confidence=0))
        network = load_pose(folder)
        expected = draw_people([from_coco(network.see(IMAGE[0], BOX))], (120, 90), 0)
        assert np.array_equal(both[0], expected)
        assert not both[1].any()
        assert models(run).loads == before + 1
        assert {path.name for path in run.reads} == {"config.json", "preprocessor_config.json"}
        assert not run.remarks

    def test_a_detector_finds_them(
        self, run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        detector = write_detector(tmp_path / "detector", {0: "person", 1: "chair"})
        monkeypatch.setattr(Detector, "see", lambda *_: [BOX, Box(60, 10, 40, 70)])
        done = drain(pose_map(run, IMAGE, None, folder, detector, confidence=0))
        network = load_pose(folder)
        bodies = [from_coco(network.see(IMAGE[0], Box(x, 10, 40, 70))) for x in (20, 60)]
        assert np.array_equal(done[0], draw_people(bodies, (120, 90), 0))

    def test_nobody_is_told(self, run: Run, folder: Path, tmp_path: Path) -> None:
        detector = write_detector(tmp_path / "detector", {0: "person", 1: "chair"})
        done = drain(pose_map(run, IMAGE, None, folder, detector, confidence=1))
        assert not done.any()
        assert run.remarks == ["nobody was found: lower the confidence, or select people in a mask"]

    def test_refusals(self, run: Run, folder: Path, tmp_path: Path) -> None:
        with pytest.raises(CheckpointError, match="no model is chosen: choose the folder of a ViT"):
            drain(pose_map(run, IMAGE))
        detector = write_detector(tmp_path / "detector", {0: "person"})
        with pytest.raises(CheckpointError, match="detector is a model of type rt_detr: choose"):
            drain(pose_map(run, IMAGE, None, detector))
        with pytest.raises(CheckpointError, match="vitpose is a model of type vitpose: choose"):
            drain(pose_map(run, IMAGE, None, folder, folder))
        hands = write(tmp_path / "hands", 21)
        with pytest.raises(CheckpointError, match="hands finds 21 points of a body, not the 17"):
            drain(pose_map(run, IMAGE, None, hands))
