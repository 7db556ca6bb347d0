/**
 * A UUID (version 8, "custom") made from text: four 32-bit lanes of multiply-and-rotate mixing, finished as MurmurHash3
 * finishes, 122 bits kept. The same text gives the same id on any machine. It keeps ids apart; it is not cryptographic
 * and protects nothing.
 */
export function uuidFromText(text: string): string {
  let a = 0x243f6a88;
  let b = 0x85a308d3;
  let c = 0x13198a2e;
  let d = 0x03707344;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = rotate(b ^ Math.imul(a ^ code, 0x9e3779b1), 13);
    b = rotate(c ^ Math.imul(b ^ code, 0x85ebca77), 17);
    c = rotate(d ^ Math.imul(c ^ code, 0xc2b2ae3d), 19);
    d = rotate(a ^ Math.imul(d ^ code, 0x27d4eb2f), 11);
  }
  const lanes = [a + b, b + c, c + d, d + a].map((lane) => finish(lane ^ text.length));
  const hex = lanes.map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Whether an id (UUID text) is of the kind that strategies make: anybody can tell the next one, so nobody else may take it. */
export function isStrategySignalId(id: string): boolean {
  return id.charAt(14) === '8';
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** MurmurHash3's finisher: each bit of the input changes about half of the output. */
function finish(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}
