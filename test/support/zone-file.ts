/** A compiled zone this many minutes east of UTC, for all times. Source: RFC 8536 §3.1 */
export function zoneFile(offsetMin: number): Buffer {
  const bytes = Buffer.alloc(44 + 6 + 4);
  bytes.write('TZif', 'latin1');
  bytes.writeUInt32BE(1, 36);
  bytes.writeUInt32BE(4, 40);
  bytes.writeInt32BE(offsetMin * 60, 44);
  return bytes;
}
