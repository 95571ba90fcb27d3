"""Trains the network of the digits example and exports it as TorchScript.

The data are the 1,797 handwritten digits that scikit-learn ships: 32x32 bitmaps of which the ink
was counted in 4x4 blocks, which gives 8x8 cells from 0 to 16. A digit fills the full height and
about six of the eight columns.

What the exported model takes and gives:

    image          f32 [n, 1, 8, 8]   ink per cell, 0 (paper) to 1 (all ink)
    probabilities  f32 [n, 10]        for the digits 0 to 9, each row adds up to 1

A sketch has to be brought to the same form (`prepare` below does it, an app does it alike):

1. crop it to the bounding box of the ink;
2. scale the crop to a height of 32, the width along with it, but to no more than 24;
3. put it in the middle of 32x32, and take the mean ink of every 4x4 block.

Mouse strokes are thinner, more even and more slanted than the pen strokes of the data, so that
training also shows every digit shifted, turned, slanted, narrowed, and with thinner or bolder
strokes. A few ways of writing that people use and the data lack (an open 4, a 1 with a flag or a
foot, a 7 with a serif) are drawn from `SHAPES`; they are never part of what is held out.

    python3 -m pip install torch==2.13.0 scikit-learn
    python3 examples/digits/train.py

takes half a minute on two cores, and writes `digits.pt` and `held_out.json` (fifty of the digits
held out, cells as 0 to 16) beside this file.
"""

import copy
import io
import json
import math
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional

SEED = 20
HELD_OUT = 360
HELD_OUT_PER_DIGIT = 5
EPOCHS = 120
BATCH = 128
LEARNING_RATE = 4e-3
SKETCHES_PER_SHAPE = 60
FOLDER = Path(__file__).parent

# Digit, then its strokes: corners from (0, 0), top left, to (1, 1), bottom right.
SHAPES = [
    (1, [[(0.5, 0.0), (0.5, 1.0)]]),
    (1, [[(0.2, 0.25), (0.5, 0.0), (0.5, 1.0)]]),
    (1, [[(0.2, 0.25), (0.5, 0.0), (0.5, 1.0)], [(0.2, 1.0), (0.8, 1.0)]]),
    (4, [[(0.2, 0.0), (0.2, 0.5), (0.8, 0.5)], [(0.8, 0.0), (0.8, 1.0)]]),
    (4, [[(0.3, 0.0), (0.1, 0.6), (0.9, 0.6)], [(0.65, 0.3), (0.65, 1.0)]]),
    (7, [[(0.15, 0.2), (0.15, 0.0), (0.85, 0.0), (0.4, 1.0)]]),
    (7, [[(0.15, 0.0), (0.85, 0.0), (0.4, 1.0)], [(0.3, 0.5), (0.8, 0.5)]]),
]


def prepare(ink: np.ndarray) -> np.ndarray:
    """Brings a sketch (any size, ink from 0 to 1) to the cells of the model; empty stays empty."""
    cells = np.zeros((8, 8), dtype=np.float32)
    rows, columns = np.nonzero(ink.max(axis=1) > 0.1)[0], np.nonzero(ink.max(axis=0) > 0.1)[0]
    if rows.size == 0:
        return cells
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = int(np.clip(round(crop.shape[1] * 32 / crop.shape[0]), 1, 24))
    scaled = functional.interpolate(
        torch.from_numpy(crop)[None, None].float(), size=(32, width), mode="area"
    )
    left = (32 - width) // 2
    padded = functional.pad(scaled, (left, 32 - width - left))
    return functional.avg_pool2d(padded, 4)[0, 0].numpy()


def sketch(strokes: list[list[tuple[float, float]]], random: np.random.Generator) -> np.ndarray:
    """Draws the strokes with a round pen on a 96x96 sheet, never twice alike."""
    height = random.uniform(50, 80)
    width, pen, slant = (
        height * random.uniform(0.4, 0.9),
        height * random.uniform(0.05, 0.16),
        random.uniform(-0.2, 0.2),
    )
    y, x = np.mgrid[:96, :96]
    ink = np.zeros((96, 96), dtype=np.float32)
    for stroke in strokes:
        corners = np.array(stroke) - 0.5 + random.normal(0, 0.03, (len(stroke), 2))
        corners = corners * [width, height] + 48
        corners[:, 0] -= slant * (corners[:, 1] - 48)
        for (x0, y0), (dx, dy) in zip(corners, np.diff(corners, axis=0), strict=False):
            along = np.clip(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0, 1)
            distance = np.hypot(x - x0 - along * dx, y - y0 - along * dy)
            ink = np.maximum(ink, np.clip(pen / 2 - distance + 0.5, 0, 1))
    return ink


def sketches() -> tuple[Tensor, Tensor]:
    """Draws every shape many times: images and labels."""
    random = np.random.default_rng(SEED)
    drawn = [
        (prepare(sketch(strokes, random)), digit)
        for digit, strokes in SHAPES
        for _ in range(SKETCHES_PER_SHAPE)
    ]
    images, labels = zip(*drawn, strict=True)
    return torch.from_numpy(np.stack(images)).float().unsqueeze(1), torch.tensor(labels)


def augment(images: Tensor) -> Tensor:
    """Redraws every image a little differently, on the 32x32 grid its cells were counted on."""
    count = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(count).uniform_(low, high)

    angle, slant = uniform(-0.22, 0.22), uniform(-0.3, 0.3)
    narrow, short = uniform(0.85, 1.6), uniform(0.95, 1.2)
    cos, sin = angle.cos(), angle.sin()
    matrix = torch.stack(
        [
            torch.stack([cos * narrow, (-sin + slant) * narrow, uniform(-0.12, 0.12)], 1),
            torch.stack([sin * short, cos * short, uniform(-0.08, 0.08)], 1),
        ],
        1,
    )
    fine = functional.interpolate(images, size=(32, 32), mode="bicubic").clamp(0, 1)
    warped = functional.grid_sample(
        fine, functional.affine_grid(matrix, fine.shape, align_corners=False), align_corners=False
    )
    # A cut through the blurred strokes gives back even ink; its level decides how bold they are.
    level, edge = uniform(0.25, 0.75).view(-1, 1, 1, 1), uniform(0.03, 0.25).view(-1, 1, 1, 1)
    redrawn = functional.avg_pool2d(torch.sigmoid((warped - level) / edge), 4)
    untouched = (torch.rand(count) < 0.3).view(-1, 1, 1, 1)
    return torch.where(untouched, images, redrawn)


class Digits(nn.Module):
    """Three convolutions and one linear layer."""

    def __init__(self) -> None:
        """Starts from random weights."""
        super().__init__()

        def block(inputs: int, outputs: int) -> list[nn.Module]:
            return [
                nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(),
            ]

        self.layers = nn.Sequential(
            *block(1, 32),
            *block(32, 48),
            nn.MaxPool2d(2),
            *block(48, 64),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(64 * 4 * 4, 10),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Logits for images [n, 1, 8, 8]."""
        return self.layers(image)


class Probabilities(nn.Module):
    """What is exported: the network and a softmax, so that an app gets numbers to show."""

    def __init__(self, network: nn.Module) -> None:
        """Wraps a network that gives logits."""
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Probabilities for images [n, 1, 8, 8]."""
        return torch.softmax(self.network(image), dim=1)


def train(images: Tensor, labels: Tensor) -> nn.Module:
    """Trains with a one-cycle learning rate, and returns the running mean of the weights."""
    network = Digits()
    steps_per_epoch = math.ceil(len(images) / BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=EPOCHS * steps_per_epoch
    )
    mean = copy.deepcopy(network)
    for epoch in range(EPOCHS):
        network.train()
        total = 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            loss = functional.cross_entropy(
                network(augment(images[batch])), labels[batch], label_smoothing=0.05
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
            with torch.no_grad():
                for kept, current in zip(
                    mean.state_dict().values(), network.state_dict().values(), strict=True
                ):
                    kept.lerp_(current, 0.02) if kept.is_floating_point() else kept.copy_(current)
        if (epoch + 1) % 20 == 0:
            print(
                f"epoch {epoch + 1:3} of {EPOCHS}: loss {total / steps_per_epoch:.3f}", flush=True
            )
    return mean.eval()


def export(network: nn.Module, path: Path) -> torch.jit.ScriptModule:
    """Writes TorchScript for any batch size, the batch norms folded into the convolutions."""
    with warnings.catch_warnings():
        # Deprecated in favour of torch.export, whose files tch cannot load.
        warnings.simplefilter("ignore")
        module = torch.jit.freeze(torch.jit.script(Probabilities(network).eval()))
        written = io.BytesIO()
        torch.jit.save(module, written)
        # The debug records hold the paths of the machine that trained; nothing needs them.
        with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w") as target:
            for entry in source.infolist():
                if not entry.filename.endswith(".debug_pkl"):
                    target.writestr(entry, source.read(entry))
        return torch.jit.load(str(path))


def write_held_out(images: Tensor, labels: Tensor, path: Path) -> None:
    """Writes the first few held-out images of every digit, right or wrong, for tests."""
    chosen = [
        index
        for digit in range(10)
        for index in (labels == digit).nonzero().flatten()[:HELD_OUT_PER_DIGIT].tolist()
    ]
    samples = [
        {
            "label": int(labels[index]),
            "cells": (images[index] * 16).round().int().flatten().tolist(),
        }
        for index in chosen
    ]
    lines = ",\n".join("    " + json.dumps(sample, separators=(",", ":")) for sample in samples)
    path.write_text(
        f'{{\n  "shape": [1, 8, 8],\n  "cell_maximum": 16,\n  "samples": [\n{lines}\n  ]\n}}\n'
    )


def main() -> None:
    """Trains, measures on what was held out, exports."""
    start = time.monotonic()
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    digits = load_digits()
    images = torch.from_numpy(digits.images / 16).float().unsqueeze(1)
    labels = torch.from_numpy(digits.target).long()
    known, held_out = train_test_split(
        np.arange(len(labels)), test_size=HELD_OUT, stratify=digits.target, random_state=SEED
    )
    drawn_images, drawn_labels = sketches()
    network = train(
        torch.cat([images[known], drawn_images]), torch.cat([labels[known], drawn_labels])
    )
    module = export(network, FOLDER / "digits.pt")
    write_held_out(images[held_out], labels[held_out], FOLDER / "held_out.json")

    with torch.no_grad():
        right = (module(images[held_out]).argmax(1) == labels[held_out]).sum().item()
    size = (FOLDER / "digits.pt").stat().st_size
    print(f"held out: {right} of {HELD_OUT} right, {100 * right / HELD_OUT:.1f} %")
    print(f"digits.pt: {size:,} bytes; {time.monotonic() - start:.0f} s in all")


if __name__ == "__main__":
    main()
