"""The front page's pictures, made from the demo's film: `python tools/pictures.py` writes into nbs/images

turn.webp   the lifted body over the film, and the turn of its left knee: axis, angle, curve
turn.jpg    one picture of it, for who wants nothing that moves
demo.png    ten moments: detected, lifted, turned"""
from itertools import accumulate
from pathlib import Path
import matplotlib
matplotlib.use('agg')
import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from uplift.core.rotations import axis_angle_to_matrix
from uplift.core.skeletons import draw_keypoints
from uplift.data.keypoints import read_keypoints
from uplift.data.video import video_frames
from uplift.export.scene import Scene, Style
from uplift.lift.fetch import demo_video
from uplift.lift.lifting import Lifter
from uplift.look.plots import draw_pose

OUT = Path(__file__).resolve().parents[1]/'nbs'/'images'
FRAMES = (20, 52, 75, 100, 112, 142, 152, 162, 185, 195)     # of the strip
MOVING = range(189, 227)                                     # of the moving picture: he lands from a flip, and goes
STILL, SHOWN_MS = 196, 67                                    # the frame that stands; how long each is shown: half the speed
CORNER, CROP = (846, 440), (740, 500)                        # of the film, pixels: where he is
SIZE, FINE = (560, 378), 2                                   # of the picture, pixels; drawn so much larger
BAR = 62                                                     # pixels under the picture, for the curve
KNEE, HIP, ANKLE = 4, 1, 7                                   # of the left leg
AXIS, TURN, INK = (255, 214, 10), (255, 61, 127), (255, 255, 255)
FONT = Path(matplotlib.get_data_path())/'fonts'/'ttf'

# Ten moments

def strip(clip, result):
    "Ten frames: detected, lifted, turned."
    fig, axes = plt.subplots(3, len(FRAMES), figsize=(10, 5.6), sharey='row', facecolor='white')
    for column, t in zip(axes.T, FRAMES):
        seen = clip.keypoints[t][clip.confidence[t] > 0]
        size = np.ptp(seen[:, 1])
        draw_keypoints(column[0], (clip.keypoints[t] - seen.mean(0)) / size, clip.skeleton, clip.confidence[t], size=1.5)
        column[0].invert_yaxis() if not column[0].yaxis_inverted() else None
        for ax, yaw in zip(column[1:], (0., np.pi / 3)): draw_pose(result.joints[t] - result.joints[t, 0], ax=ax, yaw=yaw)
        for ax in column: ax.set_aspect('equal'); ax.set_axis_off()
    for ax, text in zip(axes[:, 0], ('detected', 'lifted', 'turned by 60°')):
        ax.text(-.25, .5, text, transform=ax.transAxes, rotation=90, clip_on=False, va='center', ha='right', fontsize=9, color='.3')
    fig.subplots_adjust(.06, .01, .99, .99, .02, .02)
    fig.savefig(OUT/'demo.png', dpi=100)

# The turn of a knee, in space

def knee_turn(scene, t):
    "Axis from end to end (2, 3), the way of the shank from straight to bent (n, 3), both in metres, and degrees."
    r, at = scene.result, scene.joints[t, KNEE]
    hip = scene.body.fk(scene.rotations[t:t + 1]).globals[0, HIP].numpy()
    turn = r.axis_angle[t, KNEE]
    straight = scene.body.rest_joints(scene.betas).numpy().reshape(-1, 3)
    straight = .72 * (straight[ANKLE] - straight[KNEE])
    steps = torch.as_tensor(turn[None] * np.linspace(0, 1, 24)[:, None]).float()
    way = axis_angle_to_matrix(steps).numpy() @ straight @ hip.T + at
    axis = hip @ (turn / np.linalg.norm(turn)) * .3
    return np.stack([at - axis, at + axis]), way, np.degrees(np.linalg.norm(turn))

def calm(picture, before, step=14):
    "A picture whose pixels stay what they were where the film only trembles: so the file is small."
    new, old = (np.asarray(p).astype(int) for p in (picture, before))
    still = np.abs(new - old).max(-1, keepdims=True) < step
    return Image.fromarray(np.where(still, old, new).astype(np.uint8))

# Drawn

def arrow(draw, a, b, width):
    "A line with a head, of an axis."
    along = (b - a) / max(np.linalg.norm(b - a), 1e-6)
    side, neck = np.array([-along[1], along[0]]), b - 5 * width * along
    for colour, w in (((30, 30, 30), 1.7 * width), (AXIS, width)):
        draw.line([tuple(a), tuple(neck)], colour, round(w))
        more = w - width
        draw.polygon([tuple(b + more * along), *(tuple(neck - more * along + s * (2.4 * width + more) * side) for s in (1, -1))], colour)

def curve(draw, degrees, now, box):
    "The angle over all pictures as a line from left to right, and where we are."
    x0, y0, x1, y1 = box
    x = np.linspace(x0, x1, len(degrees))
    y = y1 - (y1 - y0) * degrees / 130
    points = list(zip(x, y))
    draw.line(points, (255, 255, 255, 110), 3 * FINE, joint='curve')
    if now: draw.line(points[:now + 1], TURN, 3 * FINE, joint='curve')
    draw.circle(points[now], 5 * FINE, TURN, INK, 2 * FINE)

def frame(scene, picture, t, degrees, now):
    "One picture: body over film, axis, turn and curve."
    scale = FINE * SIZE[0] / CROP[0]
    see = lambda p: ((p[..., :2] / p[..., 2:] * scene.focal + scene.centre) - CORNER) * scale
    x, y = CORNER
    body = Image.fromarray(scene.overlay(t, picture)[y:y + CROP[1], x:x + CROP[0]])
    body = body.resize([FINE * n for n in SIZE], Image.LANCZOS)
    draw = ImageDraw.Draw(body, 'RGBA')
    axis, way, angle = knee_turn(scene, t)
    at, way = see(scene.joints[t, KNEE]), [tuple(p) for p in see(way)]
    draw.polygon([tuple(at), *way], (*TURN, 120))
    draw.line([tuple(at), way[0]], INK, 2 * FINE)
    draw.line(way, TURN, 3 * FINE, joint='curve')
    arrow(draw, *see(axis), 3 * FINE)
    w, h = body.width, body.height + BAR * FINE
    whole = Image.new('RGB', (w, h), (18, 24, 34))
    whole.paste(body)
    draw = ImageDraw.Draw(whole, 'RGBA')
    font = lambda name, size: ImageFont.truetype(FONT/name, size * FINE)
    draw.text((18 * FINE, h - 54 * FINE), 'left knee turns', (215, 222, 232), font('DejaVuSans.ttf', 14))
    draw.text((18 * FINE, h - 36 * FINE), f'{angle:.0f}°', INK, font('DejaVuSans-Bold.ttf', 24))
    curve(draw, degrees, now, (150 * FINE, h - 54 * FINE, w - 24 * FINE, h - 10 * FINE))
    return whole.resize((SIZE[0], SIZE[1] + BAR), Image.LANCZOS)

def moving(result):
    "The landing, again and again, and one picture of it."
    scene = Scene(result, Style(opacity=.9))
    degrees = np.array([knee_turn(scene, t)[2] for t in MOVING])
    film = {t: rgb for t, _, rgb in video_frames(demo_video(), stop=MOVING.stop) if t in MOVING}
    pictures = [frame(scene, film[t], t, degrees, n) for n, t in enumerate(MOVING)]
    pictures = list(accumulate(pictures, lambda before, now: calm(now, before)))
    shown = [SHOWN_MS] * (len(pictures) - 1) + [12 * SHOWN_MS]
    pictures[0].save(OUT/'turn.webp', save_all=True, append_images=pictures[1:], duration=shown, loop=0, quality=45, method=6, minimize_size=True)
    pictures[list(MOVING).index(STILL)].save(OUT/'turn.jpg', quality=85)

def main():
    OUT.mkdir(exist_ok=True)
    clip = read_keypoints('demo')
    result = Lifter.from_pretrained()(clip, height=1.78, smooth='light')
    strip(clip, result)
    moving(result)
    for name in ('turn.webp', 'turn.jpg', 'demo.png'): print('wrote', name, f'{(OUT/name).stat().st_size // 1024} KB')

if __name__ == '__main__': main()
