"""Make uplift/assets/demo_keypoints.npz from BlazePose keypoints of a short video.

    python tools/build_demo.py S2D_HEAVY.npz [-o uplift/assets/demo_keypoints.npz]

The input holds kp (T, 33, 4) = x, y in pixels, visibility, z; fps; size (width, height); NaN where the detector found nobody.
The video is the demo of the Python package sports2d 0.8.34 (BSD-3-Clause, https://github.com/davidpagnon/Sports2D).
"""
import argparse
from pathlib import Path
import numpy as np
from uplift.files import load_npz, save_npz

def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('source', type=Path, help='npz with kp, fps and size')
    p.add_argument('-o', '--output', type=Path, default=Path(__file__).parents[1]/'uplift'/'assets'/'demo_keypoints.npz', help='npz to write')
    args = p.parse_args()
    d = load_npz(args.source, ['kp', 'fps', 'size'])
    x, conf = d['kp'][..., :2], d['kp'][..., 2]
    seen = np.isfinite(x).all(-1) & np.isfinite(conf)
    if (x[seen].max(0) <= 2).all(): raise SystemExit('keypoints look normalised; pixels are needed')
    save_npz(args.output,
             keypoints=np.where(seen[..., None], x.round(1), 0).astype(np.float32),            # 0.1 px
             confidence=(np.where(seen, conf, 0).clip(0, 1) * 100).round().astype(np.uint8) / np.float32(100),  # 0.01
             skeleton='blazepose33', fps=float(d['fps']), image_size=d['size'].astype(np.int32),
             description='BlazePose-heavy on the demo video of sports2d (BSD-3-Clause): a man moving on a roof, a woman walking')
    print(f'{args.output}: {len(x)} frames, {(~seen.any(1)).sum()} without a person, {args.output.stat().st_size/1024:.0f} KB')

if __name__ == '__main__': main()
