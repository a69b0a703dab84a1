"""What the hand network is worth: fingers on simulated points in degrees, knuckles and fingers on a film in steadiness and in left against right.

    python tools/hands.py                 simulated points only
    python tools/hands.py --film demo     the demo film too, or a film of yours
"""
import argparse
import time

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from uplift.body.body import Body
from uplift.lift.fingers import (HAND_FINGERS, add_fingers, finger_angles, finger_rotations, hand_points,
                                 limited, palm_rotations, rest_hand, steady_angles)

NAMES = [f'{f}{k}' for f in HAND_FINGERS for k in (1, 2, 3)]


def turned(A, B):
    "Degrees between rotations."
    R = np.swapaxes(A, -1, -2) @ B
    return np.degrees(np.arccos(((np.trace(R, axis1=-2, axis2=-1) - 1) / 2).clip(-1, 1)))


def hands_in_motion(frames=300, fps=30., seed=0):
    "Angles (T, 5, 5) of a hand that opens and closes at up to 1 Hz, radians."
    rng, t = np.random.default_rng(seed), np.arange(frames)[:, None, None] / fps
    low = np.radians([[-10, -12, 0, 0, 0]] * 4 + [[-20, -20, -15, 0, 0]])
    high = np.radians([[80, 12, 0, 95, 60]] * 4 + [[25, 20, 15, 40, 50]])
    wave = np.sin(2 * np.pi * (rng.uniform(.2, 1, (5, 5)) * t + rng.uniform(0, 1, (5, 5))))
    return (low + high) / 2 + (high - low) / 2 * wave


def simulated(body):
    "A table of errors on simulated points."
    true, rng = hands_in_motion(), np.random.default_rng(1)
    print('simulated: errors in degrees, mean over 300 frames and both hands')
    print(f'{"noise a point":16s}{"fingers":>9s}{"thumb":>9s}{"palm":>9s}   smoothed: '
          f'{"fingers":>9s}{"thumb":>9s}')
    for noise in (0., .002, .005, .01):
        rows = []
        for side in ('left', 'right'):
            rest = rest_hand(body, None, side)
            R = finger_rotations(true, rest)
            points = hand_points(R, rest) + rng.normal(0, noise / np.sqrt(3), (len(true), 21, 3))
            raw = limited(finger_angles(points, rest))
            calm, _ = steady_angles(raw, np.ones(len(raw)), 30., 'light')
            a, b = (turned(R, finger_rotations(x, rest)) for x in (raw, calm))
            palm = turned(palm_rotations(points, rest), np.eye(3))
            rows.append([a[:, :12].mean(), a[:, 12:].mean(), palm.mean(), b[:, :12].mean(),
                         b[:, 12:].mean()])
        r = np.mean(rows, 0)
        print(f'{1000 * noise:<4.0f}mm          {r[0]:9.2f}{r[1]:9.2f}{r[2]:9.2f}'
              f'             {r[3]:9.2f}{r[4]:9.2f}')


def trembling(angles, where):
    "Median of |second difference| of angles (T,), degrees a frame squared, over frames in `where`."
    ok = where[2:] & where[1:-1] & where[:-2]
    return np.median(np.abs(np.diff(np.unwrap(angles), 2))[ok]) * 180 / np.pi if ok.any() else np.nan


def twist(R, axis=0):
    "Turn (T,) of rotations about an axis, radians."
    q = Rotation.from_matrix(R).as_quat()
    return 2 * np.arctan2(q[:, axis], q[:, 3])


def arms(result):
    "Pronation and the size of the wrist's turn, each (T, 2), radians."
    R = result.rotations
    wrist = [np.linalg.norm(Rotation.from_matrix(R[:, j]).as_rotvec(), axis=-1) for j in (20, 21)]
    return np.stack([twist(R[:, j]) for j in (18, 19)], 1), np.stack(wrist, 1)


def film(path, height):
    "Knuckles of the body network against those of the hand network, on one film."
    from uplift.core.skeletons import get_skeleton
    from uplift.lift.detection import detect_video
    from uplift.lift.fetch import demo_video
    from uplift.lift.hand_landmarks import KNUCKLES, detect_hands, with_knuckles
    from uplift.lift.lifting import Lifter
    path = demo_video() if path == 'demo' else path
    t = time.process_time()
    clip = detect_video(path, progress=False)
    first = time.process_time() - t
    hands = detect_hands(path, clip, progress=False)
    both = time.process_time() - t
    T = len(clip)
    print(f'\n{path}: {T} frames; of one core {T / first:.1f} frames per second without hands, '
          f'{T / both:.1f} with')
    sure = hands.points[..., 0, 2] > .8
    print(f'sure (> .8) in {100 * sure[:, 0].mean():.0f} % of the frames left, '
          f'{100 * sure[:, 1].mean():.0f} % right; seen (> .5) in '
          + ' and '.join(f'{100 * (hands.points[:, k, 0, 2] > .5).mean():.0f} %' for k in (0, 1)))
    better, at = with_knuckles(clip, hands), get_skeleton(clip.skeleton).index
    print('knuckles, where sure: moved by, and second difference before and after, pixels (median)')
    for k, side in enumerate(('left', 'right')):
        ok = sure[2:, k] & sure[1:-1, k] & sure[:-2, k]
        for name in KNUCKLES:
            a, b = (c.keypoints[:, at(f'{side}_{name}')] for c in (clip, better))
            jerk = [np.median(np.linalg.norm(np.diff(x, 2, axis=0), axis=-1)[ok]) for x in (a, b)]
            moved = np.median(np.linalg.norm(a - b, axis=-1)[sure[:, k]])
            print(f'  {side + " " + name:14s}{moved:6.1f} {jerk[0]:8.2f} -> {jerk[1]:.2f}')
    lifter = Lifter.from_pretrained()
    before, after = (lifter(c, height=height) for c in (clip, better))
    for what, a, b in zip(('pronation', 'wrist'), arms(before), arms(after)):
        for k, side in enumerate(('left', 'right')):
            jerk = [trembling(x[:, k], sure[:, k]) for x in (a, b)]
            change = np.degrees(np.median(np.abs(np.angle(np.exp(1j * (a - b))))[sure[:, k], k]))
            print(f'  {side} {what:10s} changed by {change:5.1f} degrees; trembling '
                  f'{jerk[0]:.2f} -> {jerk[1]:.2f} degrees a frame^2')
    fingers(after, hands, lifter.body)


def fingers(result, hands, body):
    "Steadiness of fingers, the palm against the lifted wrist, and left against right."
    angles, palms, sure = [], [], hands.points[..., 0, 2] > .5
    G = body.fk(torch.as_tensor(result.rotations), torch.as_tensor(result.betas)).globals.numpy()
    for k, side in enumerate(('left', 'right')):
        rest = rest_hand(body, result.betas, side)
        raw = limited(finger_angles(hands.world[:, k].astype(float), rest))
        calm, _ = steady_angles(raw, hands.points[:, k, 0, 2], result.fps)
        ok = sure[:, k]
        jerk = [np.median([trembling(x[:, f, a], ok) for f in range(5) for a in (0, 3, 4)])
                for x in (raw, calm)]
        palm = turned(palm_rotations(hands.world[:, k].astype(float), rest), G[:, 20 + k])
        print(f'  {side} fingers: trembling {jerk[0]:.2f}, smoothed {jerk[1]:.2f} degrees a '
              f'frame^2; palm and lifted hand {np.median(palm[ok]):.0f} degrees apart (median)')
        angles.append(calm)
        palms.append(palm)
    both = sure.all(1)
    if both.sum() < 3: return print('  left against right: fewer than 3 frames with both hands')
    bent = np.degrees([[a[both][:, :4, j] for j in (0, 3, 4)] for a in angles])
    print(f'  left against right over {both.sum()} frames with both: bends of four fingers differ '
          f'by {np.abs(bent[0] - bent[1]).mean():.0f} degrees (mean bend {bent.mean():.0f})')
    made = add_fingers(result, hands, body)
    print('  ' + made.notes[-1])


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--film', help="a film, or 'demo'")
    parser.add_argument('--height', type=float, help='of the person, metres')
    args = parser.parse_args()
    simulated(Body.load('open'))
    if args.film: film(args.film, args.height)
