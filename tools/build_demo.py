"""Make uplift/assets/demo_keypoints.npz from a short video: `python tools/build_demo.py` (needs uplift[video]; fetches video and networks).

The video is the demo of the Python package sports2d 0.8.34 (BSD-3-Clause, https://github.com/davidpagnon/Sports2D).
"""
from pathlib import Path
import numpy as np
from uplift.lift.fetch import demo_video
from uplift.lift.detection import detect_video
from uplift.core.files import save_npz

def main():
    clip, out = detect_video(demo_video()), Path(__file__).parents[1]/'uplift'/'assets'/'demo_keypoints.npz'
    save_npz(out, keypoints=clip.keypoints.round(1).astype(np.float32),                                    # 0.1 px
             confidence=(clip.confidence * 100).round().astype(np.uint8) / np.float32(100),                 # 0.01
             skeleton=clip.skeleton, fps=clip.fps, image_size=np.array(clip.image_size, np.int32),
             description='BlazePose-heavy on the demo video of sports2d (BSD-3-Clause): a man exercising on a roof')
    print(f'{out.name}: {len(clip)} frames, {(~clip.valid).sum()} without a person, {out.stat().st_size/1024:.0f} KB')

if __name__ == '__main__': main()
