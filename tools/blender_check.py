"""Whether Blender sees what we wrote: a walk and a hop, filmed by a tilted camera, as BVH, glTF and FBX.

    python tools/blender_check.py FOLDER --make    # where uplift is installed: writes the files
    python tools/blender_check.py FOLDER           # where bpy is (pip install bpy): reads them

Both can be one environment. Prints what it measures beside what is allowed; exit code 1 when something is wrong."""
import argparse
import sys
from pathlib import Path
import numpy as np

FILES = {'walk.bvh': 0, 'walk.glb': 0, 'pan.glb': 1, 'walk.fbx': 0}       # and which camera
FRONT = np.array([[1., 0, 0], [0, 0, -1], [0, 1, 0]])      # from y up, front z, to z up, front -y

def make(folder):
    "The files, and what they should show, z up."
    from dataclasses import replace
    import torch
    from uplift.body.body_for import body_for
    from uplift.core.rotations import axis_angle_to_matrix
    from uplift.export.axes import NAMES, walking_result
    from uplift.export.write import export
    walk = walking_result()
    pan = axis_angle_to_matrix(torch.linspace(0, .3, len(walk))[:, None] * torch.tensor([.3, 1., .1])).numpy()
    results = [walk, replace(walk, camera_turn=pan)]
    for name, which in FILES.items():
        try: export(results[which], folder / name)
        except ValueError as e:
            if not name.endswith('.fbx'): raise
            print(f'no FBX: {e}')
    arrays = (torch.as_tensor(x) for x in (walk.rotations, walk.betas, walk.transl))
    skin = body_for(walk.betas).mesh(*arrays).numpy() @ walk.camera_R + walk.camera_T
    films = np.stack([walk.joints, np.einsum('tab,tjb->tja', pan, walk.joints)])
    pixels = films[..., :2] / films[..., 2:] * walk.focal + walk.centre
    there = walk.joints @ walk.camera_R + walk.camera_T    # what the camera saw, as the world has it
    np.savez(folder / 'truth.npz', joints=there @ FRONT.T, names=np.array(NAMES), fps=walk.fps,
             ends=np.stack([skin[..., 1].min(1), skin[..., 1].max(1)], 1), pixels=pixels,
             size=np.array(walk.image_size))
    print(f'wrote {", ".join(FILES)} and truth.npz in {folder}')

def load(bpy, path, fps):
    "An empty scene with the file in it, at the file's rate; the armature and the number of its first frame."
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    if path.suffix == '.fbx': bpy.ops.import_scene.fbx(filepath=str(path))
    elif path.suffix == '.bvh': bpy.ops.import_anim.bvh(filepath=str(path), update_scene_fps=True)
    else:
        scene.render.fps = round(fps)                      # glTF knows seconds only
        bpy.ops.import_scene.gltf(filepath=str(path))
    armature = next(o for o in bpy.data.objects if o.type == 'ARMATURE')
    return scene, armature, armature.animation_data.action.frame_range

def skin_ends(armature, graph):
    "Lowest and highest vertex of the skin that the armature moves."
    for o in armature.children:
        if o.type != 'MESH': continue
        held = o.evaluated_get(graph)
        mesh = held.to_mesh()
        at = np.empty(3 * len(mesh.vertices))
        mesh.vertices.foreach_get('co', at)
        z = at.reshape(-1, 3) @ np.array(held.matrix_world)[2, :3] + held.matrix_world[2][3]
        held.to_mesh_clear()
        return z.min(), z.max()
    return np.nan, np.nan

def watch(bpy, scene, armature, first, truth):
    "Joints (T, 22, 3), ends of the skin (T, 2) and pixels (T, 22, 2), as Blender plays them."
    from bpy_extras.object_utils import world_to_camera_view
    from mathutils import Vector
    scene.render.resolution_x, scene.render.resolution_y = (int(n) for n in truth['size'])
    camera = next((o for o in bpy.data.objects if o.type == 'CAMERA'), None)
    joints, ends, pixels = [], [], []
    for t in range(len(truth['joints'])):
        scene.frame_set(round(first) + t)
        graph = bpy.context.evaluated_depsgraph_get()
        held = armature.evaluated_get(graph)
        joints.append([held.matrix_world @ held.pose.bones[n].head for n in truth['names']])
        ends.append(skin_ends(armature, graph))
        if camera is None: continue
        seen = [world_to_camera_view(scene, camera, Vector(p)) for p in joints[-1]]
        pixels.append([[p[0], 1 - p[1]] for p in seen])
    pixels = np.array(pixels) * truth['size'] if pixels else None
    return np.array(joints), np.array(ends), pixels

def figures(joints, ends, pixels, which, truth):
    "What is measured, as name -> (value, lowest, highest)."
    at = {n: joints[:, i] for i, n in enumerate(truth['names'])}
    hop, up = round(truth['fps'] / 2), joints[:, :, 2]     # frames in the air; heights
    low = up.min(1)
    rise = at['head'] - at['pelvis']
    out = {'joints off, mm': (1000 * np.abs(joints - truth['joints']).max(), 0, 1),
           'head above pelvis, mm': (1000 * rise[:, 2].min(), 550, 650),
           'head beside pelvis, mm': (1000 * np.hypot(*rise[:, :2].T).max(), 0, 20),
           'pelvis above ankles, mm': (1000 * (up[:, :1] - up[:, 7:9]).min(), 500, 1000),
           'lowest joint, mm': (1000 * up.min(), 0, 60),
           'walked to -y, m': (at['pelvis'][0, 1] - at['pelvis'][-1, 1], 2.94, 2.98),
           'walked to x, mm': (1000 * np.ptp(at['pelvis'][:, 0]), 0, 5),
           'left shoulder at +x, mm': (1000 * (at['left_shoulder'] - at['right_shoulder'])[:, 0].min(), 200, 500),
           'left wrist in front, mm': (1000 * (at['right_wrist'] - at['left_wrist'])[:, 1].min(), 200, 400),
           'hop, mm': (1000 * (low.max() - np.median(low[:-hop])), 285, 315)}
    if np.isfinite(ends).all():
        out['soles, lowest, mm'] = (1000 * ends[:-hop, 0].min(), -15, 15)
        out['soles, highest, mm'] = (1000 * ends[:-hop, 0].max(), -15, 15)
        out['height of the skin off, mm'] = (1000 * np.abs(ends - truth['ends']).max(), 0, 15)
    if pixels is not None: out['camera off, pixels'] = (np.abs(pixels - truth['pixels'][which]).max(), 0, .5)
    return out

def check(folder):
    "Read all files; the number of wrong figures."
    import bpy
    truth, wrong = dict(np.load(folder / 'truth.npz')), 0
    T, fps = len(truth['joints']), float(truth['fps'])
    print(f'Blender {bpy.app.version_string}')
    for name, which in FILES.items():
        if not (folder / name).is_file(): continue
        scene, armature, (first, last) = load(bpy, folder / name, fps)
        seen = watch(bpy, scene, armature, first, truth)
        table = {'frames': (last - first + 1, T - .01, T + .01), 'frames per second': (scene.render.fps, fps, fps)}
        table |= figures(*seen, which, truth)
        if name.endswith('glb') and seen[2] is None: table['cameras'] = (0, 1, 1)
        for what, (value, low, high) in table.items():
            good = low <= value <= high
            wrong += not good
            print(f'{name}  {what:28s}{value:9.2f}  {low:g} to {high:g}{"" if good else "  WRONG"}')
    return wrong

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path)
    p.add_argument('--make', action='store_true', help='write the files that are to be read')
    args = p.parse_args()
    if args.make:
        args.folder.mkdir(parents=True, exist_ok=True)
        return make(args.folder)
    if not (args.folder / 'truth.npz').is_file(): sys.exit(f'no truth.npz in {args.folder}: run with --make first')
    try: wrong = check(args.folder)
    except ImportError as e: sys.exit(f'{e}: pip install bpy, in an environment of its own if need be')
    if wrong: sys.exit(f'{wrong} figures are wrong')

if __name__ == '__main__': main()
