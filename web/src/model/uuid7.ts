// UUIDv7 (RFC 9562): 48 bits of time, a 12-bit counter that keeps ids of one millisecond in order, 62 random bits.

type FillRandom = (bytes: Uint8Array) => void;

const counterMax = 0xfff;

export function makeUuid7Source(now: () => number, fillRandom: FillRandom): () => string {
  let lastMs = 0;
  let counter = 0;

  return () => {
    const bytes = new Uint8Array(16);
    fillRandom(bytes);
    const nowMs = now();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = bytes[6]!; // starts in the low sixteenth, so that there is room to count up
    } else if (counter < counterMax) {
      counter += 1;
    } else {
      lastMs += 1; // the counter is full, or the clock went back: borrow from the next millisecond
      counter = 0;
    }
    writeTime(bytes, lastMs);
    bytes[6] = 0x70 | (counter >> 8);
    bytes[7] = counter & 0xff;
    bytes[8] = 0x80 | (bytes[8]! & 0x3f);
    return format(bytes);
  };
}

function writeTime(bytes: Uint8Array, ms: number): void {
  let rest = ms;
  for (let index = 5; index >= 0; index -= 1) {
    bytes[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function format(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
