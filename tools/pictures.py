"The picture on the front page, made from the demo: `python tools/pictures.py` writes nbs/images/demo.png."
from pathlib import Path
import matplotlib
matplotlib.use('agg')
import matplotlib.pyplot as plt
import numpy as np
from uplift.keypoints import read_keypoints
from uplift.lifting import Lifter
from uplift.skeletons import draw_keypoints
from uplift.plots import draw_pose

FRAMES = (20, 52, 75, 100, 112, 142, 152, 162, 185, 195)
clip = read_keypoints('demo')
result = Lifter.from_pretrained()(clip)
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
out = Path(__file__).parents[1]/'nbs'/'images'/'demo.png'
out.parent.mkdir(exist_ok=True)
fig.savefig(out, dpi=100)
print('wrote', out.relative_to(Path(__file__).parents[1]), f'{out.stat().st_size // 1024} KB')
