"The front page's pictures, made from the demo: `python tools/pictures.py` writes demo.png and the moving demo.gif into nbs/images."
from pathlib import Path
import matplotlib
matplotlib.use('agg')
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from uplift.data.keypoints import read_keypoints
from uplift.lift.lifting import Lifter
from uplift.core.skeletons import draw_keypoints
from uplift.look.plots import draw_pose

FRAMES = (20, 52, 75, 100, 112, 142, 152, 162, 185, 195)     # of the strip
MOVING = range(0, 228, 3)                                    # of the moving picture: a tenth of a second each
OUT = Path(__file__).resolve().parents[1]/'nbs'/'images'

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

def frame(clip, result, t, size, box):
    "One picture of the moving figure: keypoints, the lifted pose as filmed, and from a viewpoint that goes round."
    fig, axes = plt.subplots(1, 3, figsize=(5.4, 2.3), dpi=100, facecolor='white')
    seen = clip.keypoints[t][clip.confidence[t] > .3]
    draw_keypoints(axes[0], (clip.keypoints[t] - (seen.min(0) + seen.max(0)) / 2) / size, clip.skeleton, clip.confidence[t], size=2)
    for ax, yaw in zip(axes[1:], (0., 2 * np.pi * t / len(clip.keypoints))):
        draw_pose(result.joints[t] - result.joints[t, 0], ax=ax, yaw=yaw)
    for ax, (x, y), text in zip(axes, (((-.62, .62), (.62, -.62)), box, box), ('2D keypoints', 'lifted', 'from all sides')):
        ax.set(aspect='equal', xlim=x, ylim=y); ax.set_axis_off(); ax.set_title(text, fontsize=9, color='.3', pad=2)
    fig.subplots_adjust(.01, .0, .99, .92, .02, 0)
    fig.canvas.draw()
    picture = Image.fromarray(np.asarray(fig.canvas.buffer_rgba())[..., :3])
    plt.close(fig)
    return picture

def moving(clip, result):
    "A GIF of the whole demo."
    shown = [t for t in MOVING if result.valid[t] and (clip.confidence[t] > .3).sum() > 5]
    size = max(np.ptp(clip.keypoints[t][clip.confidence[t] > .3], 0).max() for t in shown)
    there = np.concatenate([result.joints[t] - result.joints[t, 0] for t in shown])
    top, low = there[:, 1].min(), there[:, 1].max()             # y points down in the camera
    mid, half = (top + low) / 2, (low - top) / 2 * 1.04
    pictures = [frame(clip, result, t, size, ((-half, half), (mid + half, mid - half))) for t in shown]
    palette = pictures[0].quantize(32, dither=Image.Dither.NONE)
    flat = [p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures]
    flat[0].save(OUT/'demo.gif', save_all=True, append_images=flat[1:], duration=100, loop=0, optimize=True)

def main():
    OUT.mkdir(exist_ok=True)
    clip = read_keypoints('demo')
    result = Lifter.from_pretrained()(clip)
    strip(clip, result); moving(clip, result)
    for name in ('demo.png', 'demo.gif'): print('wrote', name, f'{(OUT/name).stat().st_size // 1024} KB')

if __name__ == '__main__': main()
