'use client';

let context: AudioContext | null = null;

/** Two short notes. Browsers allow sound only after a click: switching it on is one. */
export function chime(): void {
  context ??= new AudioContext();
  const audio = context;
  void audio.resume().then(() => {
    for (const [index, hertz] of [660, 880].entries()) {
      const at = audio.currentTime + index * 0.14;
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0.0001, at);
      gain.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.13);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.14);
    }
  });
}
