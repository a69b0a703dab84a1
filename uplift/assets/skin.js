// THREE.WebGLRenderer THREE.Scene THREE.PerspectiveCamera THREE.HemisphereLight THREE.DirectionalLight THREE.GridHelper
// THREE.AnimationMixer THREE.Mesh THREE.MeshLambertMaterial THREE.MeshBasicMaterial THREE.InstancedMesh THREE.BufferGeometry
// THREE.Float32BufferAttribute THREE.Vector3 THREE.Quaternion THREE.Matrix4 THREE.Color THREE.Group THREE.SphereGeometry
// THREE.CylinderGeometry THREE.ConeGeometry THREE.CircleGeometry THREE.Line THREE.LineSegments THREE.LineBasicMaterial
// THREE.Sprite THREE.SpriteMaterial THREE.CanvasTexture THREE.Box3 THREE.GLTFLoader THREE.OrbitControls THREE.DoubleSide
