"Small valid files of every format that uplift reads, made by uplift itself: nothing else has to be there."
import io
import json
import lzma
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np

from damage import npz, write
from uplift.core.files import shared_dir

COCO = ('nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist '
        'right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle').split()
_IN_BLAZEPOSE = [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
_FRAMES = 12

class Inputs:
    "The files, below `folder`, and what they hold."
    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.keypoints()
        self.motion()
        self.models()
        self.fit3d()
        self.run()
        self.videos = make_videos(self.folder/'videos')

    def keypoints(self):
        "The packaged demo as an npz and as the JSON of five detectors."
        from uplift.core.clips import Clip
        from uplift.data.keypoints import read_keypoints
        demo = read_keypoints('demo')
        points, trust = demo.keypoints[30:70], demo.confidence[30:70]
        clip = Clip('clip', 30., keypoints=points, confidence=trust, skeleton='blazepose33',
                    image_size=demo.image_size, description='x')
        clip.save(self.folder/'clip.npz')
        self.clip_file, self.clip = self.folder/'clip.npz', dict(np.load(self.folder/'clip.npz'))
        coco = np.dstack([points[:, _IN_BLAZEPOSE], trust[:, _IN_BLAZEPOSE]]).astype(float).round(2)[:_FRAMES]
        self.layouts = dict(coco=coco_json(coco), alphapose=alphapose_json(coco), mmpose=mmpose_json(coco),
                            mediapipe=mediapipe_json(points[:_FRAMES], trust[:_FRAMES]))
        self.openpose = [openpose_json(np.resize(p, (25, 3))) for p in coco]

    def motion(self):
        "Made-up motion capture: ASF and AMC, a motion file with its clips, AMASS."
        from uplift.data.made_up import made_up_bones, made_up_squats, write_amc, write_asf
        from uplift.data.library import prepare_mocap
        self.vicon = self.folder/'vicon'
        for who in ('77', '78'):
            write_asf(self.vicon/f'{who}.asf', made_up_bones())
            write_amc(self.vicon/f'{who}_01.amc', made_up_squats(1.5))
        self.asf, self.amc = (self.vicon/'77.asf').read_bytes(), (self.vicon/'77_01.amc').read_bytes()
        file = self.folder/'m.npz'
        prepare_mocap(self.vicon, file, extra=True, progress=False)
        self.library = dict(np.load(file))
        self.clips = json.loads(file.with_name('m_clips.json').read_text())
        for clip, split in zip(self.clips, ('train', 'test')): clip.update(split=split, fps=50)
        pose = next(v for k, v in self.library.items() if k.startswith('aa_'))
        place = next(v for k, v in self.library.items() if k.startswith('t_'))
        poses = np.concatenate([pose.reshape(len(pose), -1), np.zeros((len(pose), 90))], 1)
        self.amass = dict(poses=poses, trans=place.astype(float), betas=np.zeros(16),
                          mocap_frame_rate=np.float64(50), gender='neutral')

    def motion_file(self, folder, arrays=None, clips=None, data=None):
        "A motion file and its table of clips; `data`: the bytes of the npz, `clips`: a list or text."
        path = folder/'m.npz'
        if data is None: npz(path, self.library if arrays is None else arrays)
        else: write(path, data)
        clips = self.clips if clips is None else clips
        write(folder/'m_clips.json', clips if isinstance(clips, (str, bytes)) else json.dumps(clips))
        return path

    def models(self):
        "A result and its BVH, weights, a body, a prior, measures."
        import uplift
        from uplift.body.body import Body
        from uplift.body.measure import measure, named
        from uplift.core.clips import Clip
        from uplift.export.write import export
        from uplift.lift.lifting import Lifter
        result = Lifter.from_pretrained('lifter-s')(Clip.load(self.clip_file))
        self.result_file = self.folder/'result.npz'
        result.save(self.result_file)
        self.result = dict(np.load(self.result_file))
        export(result, self.folder/'motion.bvh')
        self.bvh = (self.folder/'motion.bvh').read_bytes()
        assets = Path(uplift.__file__).parent/'assets'
        self.weights = (assets/'lifter-s.safetensors').read_bytes()
        self.body_file, self.prior = assets/'OPEN_SMPLX_NEUTRAL.npz', assets/'open_prior'
        self.body = dict(np.load(self.body_file))
        self.measures = {k: round(v, 4) for k, v in named(measure(Body.load())).items()}

    def fit3d(self):
        "A stand-in of the Fit3D tree, prepared, and as the paper's six files."
        from uplift.paper.fit3d import ORIGINAL_FILES, write_original
        from uplift.paper.fit3d_files import make_standin_tree
        from uplift.paper.prepare import prepare_fit3d
        self.tree, self.prepared, self.processed = (self.folder/n for n in ('fit3d', 'prepared', 'processed'))
        make_standin_tree(self.tree, ('s03', 's04', 's08', 's11'), frames=8)
        prepare_fit3d(self.tree, self.prepared, progress=False)
        write_original(self.prepared)
        self.processed.mkdir()
        for name in ORIGINAL_FILES: shutil.move(self.prepared/f'{name}.npz', self.processed/f'{name}.npz')

    def run(self):
        "A short training run, to be resumed and read."
        from uplift.cli.research import uplift_train
        self.trained = self.folder/'run'
        motion = self.motion_file(self.folder/'training')
        with redirect_stdout(io.StringIO()):
            uplift_train('tiny', data=(str(motion),), out=str(self.trained), steps=2, batch=2, quiet=True)

    @property
    def authors(self):
        "Configurations and a checkpoint of the paper's authors' kind, recorded; (None, None) where they are not."
        at = shared_dir(Path(__file__).parent)
        if at is None or not (at/'parity').is_dir(): return None, None
        config = json.loads((at/'parity/configs/fit3d_n_rm_2.json').read_text())
        return config, lzma.open(at/'parity/models/fit3d_n_rm_2/state_dict_own.pth.xz').read()

# ------------------------------------------------------------------------------------------------ detectors

def coco_json(points):
    return [dict(image_id=t, category_id=1, keypoints=p.ravel().tolist(), score=.9) for t, p in enumerate(points)]

def alphapose_json(points):
    return [dict(image_id=f'{t}.jpg', category_id=1, keypoints=p.ravel().tolist(), score=2.9, box=[0, 0, 9, 9], idx=1)
            for t, p in enumerate(points)]

def mmpose_json(points):
    frames = [dict(frame_id=t + 1, instances=[dict(keypoints=p[:, :2].tolist(), keypoint_scores=p[:, 2].tolist(),
                                                   bbox_score=.9)]) for t, p in enumerate(points)]
    return dict(meta_info=dict(dataset_name='coco', keypoint_id2name=dict(enumerate(COCO))), instance_info=frames)

def mediapipe_json(points, trust):
    landmarks = [[dict(x=float(x) / 640, y=float(y) / 480, z=0., visibility=float(c)) for (x, y), c in zip(p, v)]
                 for p, v in zip(points, trust)]
    return dict(fps=30, width=640, height=480, frames=[dict(frame=t, landmarks=p) for t, p in enumerate(landmarks)])

def openpose_json(points):
    return dict(version=1.3, people=[dict(person_id=[-1], pose_keypoints_2d=points.ravel().tolist())])

# ------------------------------------------------------------------------------------------------ films

def make_videos(folder):
    "Name -> bytes of small films; none without PyAV."
    try: import av
    except ImportError: return {}
    folder.mkdir(parents=True)
    films = {'a.mp4': {}, 'b.avi': {}, 'c.mp4': dict(codec='libx264'), 'one.mp4': dict(n=1),
             'tiny.mp4': dict(size=(2, 2), n=3), 'slim.mp4': dict(size=(2, 720), n=3),
             'odd.avi': dict(size=(33, 17), n=3), 'slow.mp4': dict(rate=1, n=3)}
    made = {name: film(av, folder/name, **how) for name, how in films.items()}
    return made | {'sound.mp4': sound(av, folder/'sound.mp4')}

def film(av, path, size=(64, 48), n=12, codec='mpeg4', rate=25):
    "A film of `n` grey pictures."
    with av.open(str(path), 'w') as box:
        s = box.add_stream(codec, rate=rate)
        s.width, s.height, s.pix_fmt = *size, 'yuv420p'
        for i in range(n):
            grey = np.full((size[1], size[0], 3), i * 20 % 255, np.uint8)
            box.mux(s.encode(av.VideoFrame.from_ndarray(grey, 'rgb24')))
        box.mux(s.encode())
    return path.read_bytes()

def sound(av, path):
    "A film without pictures."
    with av.open(str(path), 'w') as box:
        s = box.add_stream('aac', rate=8000)
        f = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format='fltp', layout='mono')
        f.sample_rate = 8000
        box.mux(s.encode(f))
        box.mux(s.encode())
    return path.read_bytes()
