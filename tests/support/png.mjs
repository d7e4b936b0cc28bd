// Makes a picture of Chromium's smaller without losing anything: for areas of one colour, no filter packs better than the ones
// that Chromium chooses.
import { deflateSync, inflateSync } from "node:zlib";

const signatureBytes = 8;
const rgbBytes = 3;

/** `png`: 8 bits, RGB, not interlaced, as a screenshot is. */
export function repacked(png) {
  const chunks = [];
  for (let at = signatureBytes; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  const header = chunks.find(({ type }) => type === "IHDR").data;
  if (header.toString("hex", 8) !== "0802000000") throw new Error("a picture of another form");
  const rows = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data)));
  unfilter(rows, header.readUInt32BE(0) * rgbBytes);
  const packed = [["IHDR", header], ["IDAT", deflateSync(rows, { level: 9, memLevel: 9 })], ["IEND", Buffer.alloc(0)]];
  return Buffer.concat([png.subarray(0, signatureBytes), ...packed.map(([type, data]) => chunk(type, data))]);
}

// Each row begins with its filter; the left, the upper and the upper left byte are those of the same colour.
function unfilter(rows, rowBytes) {
  for (let start = 0; start < rows.length; start += rowBytes + 1) {
    const filter = rows[start];
    for (let at = start + 1; at <= start + rowBytes; at += 1) {
      const hasLeft = at - start > rgbBytes;
      const left = hasLeft ? rows[at - rgbBytes] : 0;
      const up = start > 0 ? rows[at - rowBytes - 1] : 0;
      const upperLeft = hasLeft && start > 0 ? rows[at - rowBytes - 1 - rgbBytes] : 0;
      rows[at] += [0, left, up, (left + up) >> 1, paeth(left, up, upperLeft)][filter];
    }
    rows[start] = 0;
  }
}

function paeth(left, up, upperLeft) {
  const [a, b, c] = [left, up, upperLeft].map((value) => Math.abs(left + up - upperLeft - value));
  if (a <= b && a <= c) return left;
  return b <= c ? up : upperLeft;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
