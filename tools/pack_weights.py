"Ship trained weights with the package: `python tools/pack_weights.py runs/lifter/best.safetensors lifter` (float16, half the size)."
import sys
from pathlib import Path
from uplift.checkpoints import load_weights, save_weights

source, name = sys.argv[1:]
state, config = load_weights(source)
path = Path(__file__).parents[1]/'uplift'/'assets'/f'{name}.safetensors'
save_weights(path, {k: v.half() if v.is_floating_point() else v for k, v in state.items()}, config)
print(f'{path.name}: {path.stat().st_size / 1e6:.1f} MB, step {config["training"]["step"]}; {config["training"].get("command")}')
