"""Text and numbers on a figure."""

from __future__ import annotations

import math
from typing import Any

__all__ = [
    "INK",
    "PAPER",
    "cut_text",
    "draw_upright",
    "font_of",
    "font_size",
    "rgb_of",
    "time_ticks",
]

INK = "#1c2422"
PAPER = "#ffffff"


def draw_upright(image: Any, text: str, font: Any, middle: tuple[float, float]) -> None:
    """Write text from the bottom up around a point, px."""
    from PIL import Image, ImageDraw

    x0, y0, x1, y1 = (round(v) for v in font.getbbox(text))
    label = Image.new("RGB", (x1 - x0 + 4, y1 - y0 + 4), PAPER)
    ImageDraw.Draw(label).text((2 - x0, 2 - y0), text, INK, font=font)
    turned = label.rotate(90, expand=True)
    place = round(middle[0] - turned.width / 2), round(middle[1] - turned.height / 2)
    image.paste(turned, place)


def time_ticks(t0: float, t1: float, count: float) -> list[tuple[float, str]]:
    """Choose about `count` round moments, with labels in seconds."""
    rough = (t1 - t0) / max(count, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(lead for lead in (1, 2, 5, 10) if lead * power >= rough * 0.999) * power
    first, last = math.ceil(t0 / step - 1e-9), math.floor(t1 / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(k * step, f"{k * step:.{digits}f}") for k in range(first, last + 1)]


def font_size(height: int) -> int:
    """Return the size of the text of a figure of some height, px."""
    return min(max(round(height / 30), 11), 60)


def font_of(size: float) -> Any:
    """Return the font that comes with Pillow, of a size in px."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def cut_text(text: str, font: Any, width: int) -> str:
    """Return text in one line of at most so many px."""
    line = " ".join(text.split())
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line + "…"


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255, of "#rrggbb"."""
    from PIL import ImageColor

    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue
