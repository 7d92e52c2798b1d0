"""Pictures per second through the inspection of files, beside bare Pillow.

"Bare" does the same to the pixels in this process, one picture after the other, without limits: it
decodes, reduces, and encodes two WebP pictures. The inspection adds the type by content, a process
for each file, orientation, colour profile, and the checks of the answer; it works on two small
pictures at once. The CPU time is that per picture, which other work on the machine changes little.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from adapters.pillow.inspection.inspector import ChildInspector
from adapters.pillow.inspection.pictures import EFFORT, QUALITY
from core.files import PreviewName
from ports.inspection import SIDES

RUNS = 3
HEAD = f"{'picture':<30}{'per s':>8}{'bare per s':>12}{'ratio':>7}{'CPU ms':>8}{'bare CPU ms':>13}"


def _picture(side: tuple[int, int], kind: str, **how: Any) -> bytes:
    out = BytesIO()
    noise = Image.effect_noise((side[0] // 6, side[1] // 6), 60)
    noise.resize(side).convert("RGB").save(out, kind, **how)
    return out.getvalue()


PICTURES: Mapping[str, tuple[int, Callable[[], bytes]]] = {
    "PNG 800 x 600": (12, partial(_picture, (800, 600), "PNG")),
    "PNG 1920 x 1080": (12, partial(_picture, (1920, 1080), "PNG")),
    "JPEG 4000 x 3000": (6, partial(_picture, (4000, 3000), "JPEG", quality=90)),
    "progressive JPEG 4000 x 3000": (
        6, partial(_picture, (4000, 3000), "JPEG", quality=90, progressive=True),
    ),
    "PNG 6000 x 4000, alone": (3, partial(_picture, (6000, 4000), "PNG", compress_level=1)),
}  # fmt: skip


async def image_speed(folder: Path) -> None:
    """Prints the table."""
    print(HEAD)
    print("-" * len(HEAD))
    for name, (count, make) in PICTURES.items():
        path = folder / "picture"
        path.write_bytes(make())
        inspector = ChildInspector()
        await inspector.inspect(path, name="a")
        (supervisor,) = psutil.Process().children()
        ours, our_cpu = [], _cpu_s(supervisor)
        bare, bare_cpu = [], 0.0
        for _ in range(RUNS):
            ours.append(await _inspected(inspector, [path] * count))
            began = time.process_time()
            bare.append(_bare([path] * count))
            bare_cpu += time.process_time() - began
        our_cpu = _cpu_s(supervisor) - our_cpu
        await inspector.close()
        here, there = statistics.median(ours), statistics.median(bare)
        done = count * RUNS / 1000
        print(
            f"{name:<30}{count / here:>8.1f}{count / there:>12.1f}{here / there:>7.2f}"
            f"{our_cpu / done:>8.0f}{bare_cpu / done:>13.0f}",
            flush=True,
        )


def _cpu_s(supervisor: psutil.Process) -> float:
    """Of the supervisor and the children that have ended."""
    times = supervisor.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


async def _inspected(inspector: ChildInspector, paths: Sequence[Path]) -> float:
    """Seconds."""
    began = time.perf_counter()
    await asyncio.gather(*(inspector.inspect(path, name="a") for path in paths))
    return time.perf_counter() - began


def _bare(paths: Sequence[Path]) -> float:
    """Seconds."""
    began = time.perf_counter()
    for path in paths:
        image: Image.Image = Image.open(path)
        for name in (PreviewName.LARGE, PreviewName.SMALL):
            side = SIDES[name]
            image.draft("RGB", (side, side))
            image = image.convert("RGB")
            image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=1.0)
            image.save(BytesIO(), "WEBP", quality=QUALITY, method=EFFORT)
    return time.perf_counter() - began
