// The webcam: see yourself, record some seconds, hand over a film. The picture stays on this machine.
import {$, say} from './words.js';

let stream = null, recorder = null;

const WORDS = {NotAllowedError: 'the webcam was not allowed: allow it in the bar of the browser and press the button again',
               NotFoundError: 'no webcam is connected', NotReadableError: 'another program uses the webcam'};

// Open the webcam and show it.
export async function openWebcam() {
  if (stream) return $('record').focus();
  try {
    if (!navigator.mediaDevices || !self.MediaRecorder) throw new Error('this browser records no webcam here (it needs https or localhost)');
    const opened = await navigator.mediaDevices.getUserMedia({video: {width: {ideal: 1280}, frameRate: {ideal: 30}}, audio: false});
    stream?.getTracks().forEach(track => track.stop());    // pressed twice while the browser asked
    stream = opened;
  } catch (e) { return say(`Webcam: ${WORDS[e.name] ?? e.message}.`, true); }
  $('live').srcObject = stream;
  $('camera').hidden = false;
  await $('live').play().catch(() => {});
  $('record').focus();
}

export function closeWebcam() {
  if (recorder?.state === 'recording') { recorder.dropped = true; recorder.stop(); }
  stream?.getTracks().forEach(track => track.stop());
  stream = null;
  $('live').srcObject = null;
  $('countdown').textContent = '';
  $('camera').hidden = true;
}

// Record for some seconds after a short pause to step back; resolves with a File, or null if it was closed.
export async function record(seconds) {
  $('record').disabled = true;
  try {
    for (let left = 3; left > 0; left--) { $('countdown').textContent = `Step back: ${left}`; await pause(1); }
    if (!stream) return null;
    const kind = ['video/webm;codecs=vp8', 'video/webm', 'video/mp4'].find(k => MediaRecorder.isTypeSupported(k)), parts = [];
    recorder = new MediaRecorder(stream, {mimeType: kind, videoBitsPerSecond: 6e6});
    recorder.ondataavailable = event => parts.push(event.data);
    const done = new Promise(resolve => { recorder.onstop = resolve; });
    recorder.start(500);
    for (let left = seconds; left > 0 && recorder.state === 'recording'; left--) { $('countdown').textContent = `Recording: ${left} s`; await pause(1); }
    if (recorder.state === 'recording') recorder.stop();
    await done;
    return recorder.dropped ? null : new File(parts, `webcam.${kind.includes('mp4') ? 'mp4' : 'webm'}`, {type: kind});
  } finally { $('record').disabled = false; $('countdown').textContent = ''; }
}

const pause = seconds => new Promise(done => setTimeout(done, 1000 * seconds));
